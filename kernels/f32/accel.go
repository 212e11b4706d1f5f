package f32

// fast says whether the vectorised kernels serve. It is false where none were built in, where the processor lacks
// them, and while a test has called UseScalar(true).
var fast = machine != "scalar"

// UseScalar turns the vectorised kernels off (true) or back on (false), for tests and benchmarks. The results do not
// change, only the speed. It must not be called while kernels run.
func UseScalar(scalar bool) { fast = !scalar && machine != "scalar" }

// Accelerated names the path in use: "avx2", "simd128" or "scalar".
func Accelerated() string {
	if fast {
		return machine
	}
	return "scalar"
}
