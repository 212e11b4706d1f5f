//go:build !amd64 && !(wasm && go1.27)

package f32

// machine names the vectorised path of this build.
const machine = "scalar"

const noKernels = Error("f32: no vectorised kernels on this machine")
