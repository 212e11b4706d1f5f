package nn_test

import (
	"math"
	"testing"

	"petri/kernels/nn"
)

// TestFrozenHash: the hash is of what is frozen, values and names, and of nothing else.
func TestFrozenHash(t *testing.T) {
	v := nn.NewViT(random(1), nn.VTiny())
	nn.Freeze(v.Backbone())
	hash := nn.FrozenHash(v)
	change := func(what string, same bool, do func()) {
		do()
		if got := nn.FrozenHash(v); (got == hash) != same || len(got) != 64 {
			t.Errorf("%s: the hash was %s, is %s", what, hash, got)
		}
		hash = nn.FrozenHash(v)
	}
	change("nothing", true, func() {})
	change("a trained weight", true, func() { nn.Collect(v.Head)[0].Value.Data[3]++ })
	change("a frozen weight", false, func() { v.Class.Value.Data[3]++ })
	change("the sign of a zero", false, func() {
		v.Class.Value.Data[0] = 0
		hash = nn.FrozenHash(v)
		v.Class.Value.Data[0] = float32(math.Copysign(0, -1))
	})
	change("a name", false, func() { v.Class.Name = "other" })
	change("a weight that is thawed", false, func() { v.Class.Frozen = false })
}
