package backbone

import (
	"math"
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Training makes a backbone, one step at a time.
type Training struct {
	Recipe Recipe
	Model  *nn.ViT
	Done   int // steps made

	masked *masked // nil where names are learned
	opt    *optim.AdamW
	rate   func(step int) float64
	tape   *tape.Tape
	images []float32
	labels []int32
}

// streamInit tells the random numbers of fresh weights from all others.
const streamInit = 0xb0e

// Start begins a recipe from random weights.
func (r Recipe) Start() *Training {
	t := &Training{
		Recipe: r,
		Model:  nn.NewViT(rand.New(rand.NewPCG(r.Seed, streamInit)), r.Config()),
		rate:   optim.Cosine(r.Rate, r.Warm, r.Steps),
		tape:   tape.New(),
		images: make([]float32, r.Batch*data.Pixels),
		labels: make([]int32, r.Batch),
	}
	c := optim.Adam()
	c.Decay = r.Decay
	params := nn.Trainable(t.Model)
	if r.Kind == KindMAE {
		t.masked = newMasked(r, t.Model)
		c.Beta2 = r.Masked.Beta2
		params = nn.Trainable(t.masked.net)
	}
	t.opt = optim.NewAdamW(params, c)
	return t
}

// Finished tells whether all steps are made.
func (t *Training) Finished() bool { return t.Done >= t.Recipe.Steps }

// Step trains on the next batch and returns its loss. Glyphs are drawn as they are needed, each seen once: a pool of
// 30,000 would be learned by heart within the longer recipes.
func (t *Training) Step() float64 {
	glyphs, n := t.Recipe.Glyphs(), t.Recipe.Batch
	for j := range n {
		t.labels[j] = int32(glyphs.Image(t.images[j*data.Pixels:(j+1)*data.Pixels], data.Train, t.Done*n+j))
	}
	t.tape.Reset()
	loss := t.loss()
	value := float64(loss.Item())
	t.tape.Backward(loss)
	t.opt.Clip(t.Recipe.Clip)
	t.opt.Step(t.rate(t.Done))
	t.Done++
	return value
}

// loss is that of the batch.
func (t *Training) loss() tape.Var {
	x := t.Model.Input(t.tape, t.images)
	if t.masked != nil {
		return t.masked.loss(x, data.Train, t.Done*t.Recipe.Batch)
	}
	return t.Model.Forward(x).CrossEntropy(t.labels)
}

// Score is how well a model names glyphs that it was not trained on. A masked autoencoder has not learned names: it is
// scored by Probe, and by what it draws where it sees nothing.
type Score struct {
	Correct  int     `json:"correct"`
	Of       int     `json:"of"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"` // mean cross-entropy

	// Squared error on the hidden patches as a share of the variance of their targets, and the same where every patch is
	// drawn as the mean of the training glyphs in its place.
	Error     float64 `json:"error,omitzero"`
	MeanPatch float64 `json:"mean_patch,omitzero"`
}

// HeldOut is the number of glyphs of the recorded score.
const HeldOut = 2000

// Evaluate scores a model on the first n examples of the set's test split.
func Evaluate(m *nn.ViT, set data.Set, n int) Score {
	const batch = 50
	t := tape.New()
	t.Infer = true
	images, labels := make([]float32, batch*data.Pixels), make([]int32, batch)
	var s Score
	for at := 0; at < n; at += batch {
		k := min(batch, n-at)
		for j := range k {
			labels[j] = int32(set.Image(images[j*data.Pixels:(j+1)*data.Pixels], data.Test, at+j))
		}
		t.Reset()
		s.add(m.Forward(m.Input(t, images[:k*data.Pixels])), labels[:k])
	}
	s.finish()
	return s
}

// add counts a batch; until finish the loss is a sum.
func (s *Score) add(logits tape.Var, labels []int32) {
	classes := logits.Shape().Width()
	for j, label := range labels {
		row := logits.Data()[j*classes : (j+1)*classes]
		best := 0
		for c, v := range row {
			if v > row[best] {
				best = c
			}
		}
		if best == int(label) {
			s.Correct++
		}
	}
	s.Of += len(labels)
	s.Loss += float64(float64(logits.CrossEntropy(labels).Item()) * float64(len(labels)))
}

func (s *Score) finish() {
	s.Loss /= float64(s.Of)
	s.Accuracy = math.Round(float64(1e4*float64(s.Correct))/float64(s.Of)) / 1e4
}
