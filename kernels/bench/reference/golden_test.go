package reference

import (
	"math"
	"testing"

	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// The losses of this engine are those of the peers.
func TestGoldenCurves(t *testing.T) {
	images, labels := Batch(Images)
	for _, c := range []struct {
		name string
		lora bool
		want [5]float64
	}{{"full", false, FullLosses}, {"lora", true, LoRALosses}} {
		t.Run(c.name, func(t *testing.T) {
			v := Model(c.lora)
			opt := optim.NewAdamW(nn.Trainable(v), optim.Adam())
			step := tape.New()
			for i, want := range c.want {
				step.Reset()
				logits := v.Forward(v.Input(step, images))
				if got := float64(logits.Data()[0]); i == 0 && math.Abs(got-Logit) > 1e-4 {
					t.Errorf("logit[0, 0] = %.6f, want %.6f", got, Logit)
				}
				loss := logits.CrossEntropy(labels)
				if got := float64(loss.Item()); !(math.Abs(got-want) <= 1e-4) {
					t.Errorf("loss of step %d = %.5f, want %.5f", i, got, want)
				}
				step.Backward(loss)
				opt.Step(Rate)
			}
		})
	}
}
