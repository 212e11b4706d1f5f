// Package f32 holds the float32 kernels of Petri: matrix products, attention, layer norm, GELU, softmax, losses and
// optimizer steps, each forward kernel beside its backward one. Slices go in, slices come out; nothing is allocated,
// and what a kernel needs besides its arguments is a scratch slice whose length a ...Scratch function tells.
//
// # One definition, several machines
//
// The scalar Go code in this package is the definition. Every kernel documents the order of its operations, and the
// vectorised paths (WebAssembly SIMD128, AVX2) follow that order element by element, so that all of them return the
// same bits. Three rules make this possible:
//
//   - A product and the sum it enters are rounded apart: float32(x*y) + z. Go may otherwise fuse them on some
//     machines, and relaxed or fused vector instructions are never used.
//   - A sum that makes one element of a result runs in one fixed order: increasing k for products, increasing row for
//     gradients of weights. Vectors hold different elements of the result, never parts of one sum. The one exception
//     is LayerNorm, whose sums over a row are four interleaved partial sums by definition. (Batch norm sums over rows,
//     in blocks of 64.)
//   - exp, tanh, erf and log are our own, made of additions, multiplications and divisions only.
//
// NaN follows IEEE 754 and is never skipped: 0·NaN = NaN. The bits of a NaN (its sign and payload) are outside of the
// promise, because WebAssembly leaves them open.
//
// Arguments of the wrong size are errors of the program and panic with an Error.
//
// # What is vectorised
//
// Everything that a profile of the labs shows: products with their packing, attention, layer norm, GELU, softmax, cross
// entropy, AdamW, SGD, depth-wise convolution and the windows of the others, pooling, batch norm and the passes over all
// elements. Left in plain Go are the rows and columns that do not fill a vector, layer norm where gain and bias are trained
// without anything below, the logarithm of the loss, swish, the loss of masks but for its exp, and what a bias of attention
// is made of before it meets the scores (what relative positions make of the queries is a product like the others). Above
// this package, dropout waits for its generator, and the norm for clipping is one long sum in float64: neither has lanes.
package f32

//go:generate go run petri/internal/asmgen
