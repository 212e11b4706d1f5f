// Package state folds everything that happens on a page into what is on the screen: State.Apply takes an Event and
// returns the Effects that the page has to carry out (send a command, change the address, keep a trial).
//
// Nothing here knows the DOM, workers or time; times arrive in milliseconds with the events. So the whole life of a run
// can be played through in native tests: schedule, pause, a worker that does not listen, a reload in the middle.
package state
