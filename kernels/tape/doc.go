// Package tape is eager reverse-mode differentiation in float32: an operation computes its result at once and, where a
// trained parameter lies below it, appends a fixed-size record; Backward walks the records from the last to the first.
//
// Axes: n batch, t tokens, d width, h heads, r rank, c classes. Row-major, last axis contiguous. Weights are [in, out].
//
// # What is kept
//
// Every number that backward will read passes through the tape's Keeper and is counted in its Ledger, each tensor once
// however many operations read it. An operation keeps only what the gradients that are wanted need: a frozen weight
// does not keep its input, and a part below which nothing is trained records nothing at all. Poison overwrites
// everything else with NaN, which is how tests hold the ledger to its word.
//
// # Memory
//
// Results and gradients of activations live in the tape's arena, which Reset rewinds: after the first steps a step
// allocates nothing. Every Var, and every slice taken from one, is valid until the next Reset; what must live longer is
// copied. Gradients of parameters live in the Param and add up until an optimizer takes them (or ClearGrad is called).
//
// # Errors
//
// Shapes that do not fit are errors of the program and panic with a ShapeError, which names the operation, the
// parameter or block, what was wanted and what was given. NaN and infinities are no panic: FirstFault tells where they
// appeared.
package tape
