// The files that a run reads are in the native program only.

//go:build !js

package lora

import (
	"testing"

	"petri/kernels/f32"
	"petri/kernels/lab/wire"
)

// pinned are digests of five-step trials, one per task and way of training. They are what this engine gives on every
// machine, vectorised or not, at any GOAMD64. Made by this test on 2026-11-23 with engine 0.1.0; a change of the
// numerics that alters them has to raise wire.Engine, and these with it.
var pinned = []struct{ link, digest string }{
	{"lora?arms=qv:4&dropout=0.1", "0e7ae235bb5a09e39d21c9582a184f724174117572c7f33705d9161293b1434e"},
	{"lora?arms=full", "40db1f66b6c5b24f8ce7e79680908e8f346593b34c8e8ec323e4ba7242836b2a"},
	{"lora?arms=head", "ed3ad15742390cae865b6bec3888648e62808b179e00b7344bc021b367bc40a0"},
	{"lora?arms=all:2&task=shuffled", "f9b6b453a55a0486cc5b2209e1fb6f33eaa6ebcdfc4d315ae7bd21daa6229d22"},
	{"lora?arms=scratch&task=style", "f44c53e37ad821d1d44d6ba34dc2da27e0e1c5bb3258aedba8a118941ca7a95e"},
	{"lora?arms=qv:4&task=wound&world=H", "7290bb8059a52a2a0f4cc6e98297f671a5aa419658d4bf13ed279d73e08663f2"},
	{"lora?arms=qkvo:1&backbone=vsmall", "4885d0a87bbdd3f033c0c3cb3b130653c59f5d2adb2158fd087f761dc8f6dc71"},
}

func TestBitsArePinned(t *testing.T) {
	defer f32.UseScalar(false)
	for _, scalar := range []bool{false, true} {
		f32.UseScalar(scalar)
		for _, p := range pinned {
			tr := opened(t, p.link+"&lr=0.01&batch=5&train=64&steps=5", wire.TrialID{})
			for range 5 {
				tr.TrainStep()
			}
			if got := tr.Result().Digest; got != p.digest {
				t.Errorf("%s, scalar %v: digest %s, want %s", p.link, scalar, got, p.digest)
			}
		}
	}
}
