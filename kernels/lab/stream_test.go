package lab

import "testing"

// A change of these numbers would be another start of every run.
func TestStreams(t *testing.T) {
	first := Stream("lora", 3, "head").Uint64()
	if want := uint64(11936752844585096725); first != want {
		t.Errorf("the first number is %d, want %d", first, want)
	}
	seen := map[uint64]bool{first: true}
	for name, x := range map[string]uint64{
		"seed": Stream("lora", 4, "head").Uint64(), "purpose": Stream("lora", 3, "init").Uint64(), "lab": Stream("moat", 3, "head").Uint64(),
	} {
		if seen[x] {
			t.Errorf("another %s has the same numbers", name)
		}
		seen[x] = true
	}
}
