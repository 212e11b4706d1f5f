package lora

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"petri/kernels/nn"
)

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

func TestWoundHasItsRankAndSize(t *testing.T) {
	whole, hurtOnce, again := nn.NewViT(random(8), nn.VTiny()), nn.NewViT(random(8), nn.VTiny()), nn.NewViT(random(8), nn.VTiny())
	wound(hurtOnce, stream(4, "wound"), 5)
	wound(again, stream(4, "wound"), 5)
	a, b, c := nn.Collect(whole), nn.Collect(hurtOnce), nn.Collect(again)
	for i, p := range a {
		if largest(b[i].Value.Data, c[i].Value.Data) != 0 {
			t.Errorf("%s: two wounds of one seed differ", p.Name)
		}
		block, part := split(p.Name[:max(0, len(p.Name)-2)])
		if block < 0 || part != "q" && part != "v" || p.Value.Shape.Rank() != 2 {
			if largest(p.Value.Data, b[i].Value.Data) != 0 {
				t.Errorf("%s was wounded", p.Name)
			}
			continue
		}
		planted := dense(64, 64, b[i].Value.Data)
		own := dense(64, 64, p.Value.Data)
		planted.Sub(planted, own)
		if got, want := mat.Norm(planted, 2), 3*mat.Norm(own, 2); math.Abs(got-want) > 1e-4*want {
			t.Errorf("%s: the wound measures %v, want %v", p.Name, got, want)
		}
		sigma, _, _, _ := decompose(planted)
		if sigma[4] < 1e-2*sigma[0] || sigma[5] > 1e-5*sigma[0] {
			t.Errorf("%s: singular values %v, want five", p.Name, sigma[:7])
		}
	}
}
