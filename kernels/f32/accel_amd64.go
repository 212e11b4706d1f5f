package f32

import "golang.org/x/sys/cpu"

// machine names the vectorised path of this build.
var machine = func() string {
	if cpu.X86.HasAVX2 {
		return "avx2"
	}
	return "scalar"
}()
