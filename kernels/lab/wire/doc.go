// Package wire holds the plain structs that the worker, the page and the stage exchange.
//
// It is the only package that both sides share: kernels fill these values, the interface draws them, and neither
// imports the other. Everything here is data: no channels, no DOM, no clocks, and nothing of ours is imported, so a
// run can as well travel over a socket or a queue as between a page and its worker.
//
// A message is a JSON header and a list of float32 buffers (see Message): numbers that people read go into the
// header, tensors go into the buffers, which browsers transfer without copying.
package wire

// Engine is the version of the numerics. It enters every fingerprint: raise it whenever a change alters the bits of
// a run, and record the default runs again.
const Engine = "0.1.0"
