// Package lab is the protocol of a fair experiment: papers describe themselves as data, trials train one arm with one
// seed in small slices, a Session drives them for one worker, and MakeReport gathers the trials of a run into
// intervals, verdicts and a fingerprint.
//
// The package knows no page and no paper. It starts no goroutine and reads no clock of its own, so the same code runs
// in a worker of a browser, under the command line and in tests, with the same bits.
package lab
