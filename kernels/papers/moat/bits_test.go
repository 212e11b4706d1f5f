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
	{armViT, "width=8", "a1857c6af79e36d2bede4849b68848024e84d843da2d72efae32eb384921ffb8"},
	{armAttnMBConv, "task=same&width=8", "2a8222d45db88f81692ff4e885b5beb33c47ef1cc30d70ef81a70e7e5e9f435a"},
	{armMOAT, "", "2aa0c986618ae7f3108af7e50c13305844c8e12bedccee232ce0564ca263503d"},
	{armMOAT, "task=digits&position=learned&kernel=5&width=8", "3d121eb77aa78a18be44998a2803e49faebd191b1e1f96671c95e455030c2505"},
	{armStacked, "task=digits&width=8", "68332c9093434d9727aa7ac3a24c37c9c5c50c84cfe1dd1ac1181fc504f8dcfe"},
	{armMOATWindow, "task=cue", "d9af31143e77c27906316360d53e4eed61c92f0bf3b748c2ffb3e3c85be91d45"},
	{armViTWindow, "task=cue&depth=3", "a89dd335c6814e5071b23befa97cfd3dde4755d61ef0cd975981489e3bd1f825"},
	{"moat~flip~se~few", "width=8", "1ac9d72c5240a70213a44758093cd50cb94740082cf10ed1c42b404ca812c62a"},
	{"moat~ln", "task=same&width=8", "0598301b61a894bc15846aa245990effd8b1be4a71e58015e5ecde008bc41084"},
	{"moat-nopos~pool~noexpand", "depth=1", "54a09e342d12fc68a6933801bbc36957d5291aaae4693b5d1fc6b544528398b1"},
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
