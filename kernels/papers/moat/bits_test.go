//go:build !js

package moat

import (
	"testing"

	"petri/kernels/f32"
)

// pinned are digests of five-step trials, for every task and block, and edits that bring other parts in. They are what this
// engine gives on every machine, vectorised or not, at any GOAMD64. A change of the numerics that alters them has to raise
// wire.Engine, and these with it.
var pinned = []struct{ arm, knobs, digest string }{
	{armViT, "width=8", "e62fdad3fe7845bdf722c5558b2f3bd465fc648eac3fdaca558bbe4e4a4ff55a"},
	{armAttnMBConv, "task=same&width=8", "f1ab26cd7a76144f66efd2a8ca68985983ca6a175aabae6e1aa0a6986b98edd4"},
	{armMOAT, "", "7ffa00b437b44b9d154c2d355fe5fe6aee82c4140fcc959dc3a90e4ebe110eba"},
	{armMOAT, "task=digits&position=learned&kernel=5&width=8", "3c42097c1602332fa45a86b7b184f09c0ca9101d49ce2c88bd4edd183ee4f952"},
	{armStacked, "task=digits&width=8", "9fb9b288c802e757f1ffbe30244c8c39138912168dfd4112cc81fd788a81c311"},
	{armMOATWindow, "task=cue", "45a8ae60d796439a9b5b2a92c14e931765009d1601b910575d55482c06924089"},
	{armViTWindow, "task=cue&depth=3", "db38da80374e64c0635a151d58b6229b07923ac189d6e534d4269a15bcda1b08"},
	{"moat~flip~se~few", "width=8", "8b36b97bcc81d89613237e6dbe76e1425ea853123cf41133a97476573d8223bc"},
	{"moat~ln", "task=same&width=8", "11d64692f3cee41bff5208c07c8b9acca8323ccca8caa9aa9ebc9d15fc0ae979"},
	{"moat-nopos~pool~noexpand", "depth=1", "315e8e9532c6f24e923efe5da7865d58c30b117ac27bafb992c2c38d6d60f71c"},
}

func TestBitsArePinned(t *testing.T) {
	defer f32.UseScalar(false)
	for _, scalar := range []bool{false, true} {
		f32.UseScalar(scalar)
		for _, p := range pinned {
			tr := opened(t, p.arm, p.knobs+"&lr=0.004&batch=3&train=200&steps=5")
			for range 5 {
				tr.TrainStep()
			}
			if got := tr.Result().Digest; got != p.digest {
				t.Errorf("%s, %s, scalar %v: digest %s, want %s", p.arm, p.knobs, scalar, got, p.digest)
			}
		}
	}
}
