// Package bridge is the only place that speaks to JavaScript: workers and their messages, typed arrays, the stage's
// iframe, storage, downloads, and window.petri.
//
// Three rules hold here. A message is a JSON header and transferred buffers, never numbers in JSON arrays. A worker
// hears what is sent to it only when it ticks (see Worker.Tick). And every goroutine and callback recovers: a Go
// panic would end the whole program for good, and with it the page.
package bridge

// Build identifies the build that made this program; the linker sets it. A page and a worker of different builds must
// not talk to each other: a fingerprint would then belong to neither.
var Build = "development"
