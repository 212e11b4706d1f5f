package vpt

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// Method adapts a frozen model inside of its layers. The zero value of a method is none: sizes have no default.
type Method interface {
	// Name is that of the arm: "adaptformer".
	Name() string
	// Check says what does not fit a model of this size; the error is a SizeError.
	Check(c nn.Config) error
	// Fit freezes the model's backbone and puts the method in. The head is left as it is. init draws what starts at
	// random, drop the dropout, if there is any. Nothing changes where the error is not nil.
	Fit(model *nn.ViT, init, drop *rand.Rand) (*Fitted, error)
	// Count is the closed form of how many numbers are trained, the head apart: in the blocks and outside.
	Count(c nn.Config) (blocks, outside int)
	// Kept is the closed form of what one step with this many examples keeps for the backward pass, the head among it: see
	// kept.go.
	Kept(c nn.Config, examples int) []tape.Row
}

// Fitted is a model that a method has been put into.
type Fitted struct {
	Method Method
	Model  *nn.ViT
	Own    []*tape.Param // what the method trains, in the model's order and without the head

	folds  []fold
	cannot string // why it cannot be merged; empty where it can
}

// fold is a part that can disappear into the weights of the layer that it is put around.
type fold interface {
	merge()
	unmerge()
}

// fitted is what Fit returns after the model has been changed.
func fitted(m Method, model *nn.ViT, folds []fold, cannot string) *Fitted {
	return &Fitted{Method: m, Model: model, Own: nn.Trainable(model.Backbone()), folds: folds, cannot: cannot}
}

// Merge writes into the frozen weights what the method has learned, after which the model computes what it did before, in as
// many operations as the base. The error is a MergeError, and nothing has changed. A method that has trained weights of the
// model itself has nothing to merge. A merged model is for inference: training goes on after Unmerge. Merging twice changes
// nothing.
func (f *Fitted) Merge() error {
	if f.cannot != "" {
		return MergeError{f.Method.Name(), f.cannot}
	}
	for _, p := range f.folds {
		p.merge()
	}
	return nil
}

// Unmerge brings the weights back, to the bit.
func (f *Fitted) Unmerge() {
	for _, p := range f.folds {
		p.unmerge()
	}
}

// MergeError says why a method cannot be merged into the frozen weights.
type MergeError struct{ Method, Because string }

func (e MergeError) Error() string { return e.Method + " cannot be merged: " + e.Because }

// SizeError is a size that does not fit the model, in one line that says what to do.
type SizeError struct {
	Method string
	Size   string // "bottleneck"
	Got    string
	Why    string // "does not divide the width 64"
	Take   string // "1 to 64"
}

func (e SizeError) Error() string {
	return fmt.Sprintf("%s: a %s of %s %s: take %s", e.Method, e.Size, e.Got, e.Why, e.Take)
}

// checkBottleneck checks that a bottleneck is none that is wider than what it is put into.
func checkBottleneck(method string, b int, c nn.Config) error {
	if b >= 1 && b <= c.Width {
		return nil
	}
	why := "leaves nothing"
	if b > c.Width {
		why = fmt.Sprintf("is wider than the model's %d", c.Width)
	}
	return SizeError{method, "bottleneck", strconv.Itoa(b), why, fmt.Sprintf("1 to %d", c.Width)}
}

// divisors lists the divisors of n from least on, as "2, 4 or 8".
func divisors(n, least int) string {
	var d []string
	for i := least; i <= n; i++ {
		if n%i == 0 {
			d = append(d, strconv.Itoa(i))
		}
	}
	if len(d) < 2 {
		return strings.Join(d, "")
	}
	return strings.Join(d[:len(d)-1], ", ") + " or " + d[len(d)-1]
}

// around puts what wrap makes around the layers of all blocks that are called part: "o", "fc2".
func around(model *nn.ViT, part string, wrap func(path string, old nn.Layer) nn.Layer) {
	nn.Walk(model, func(path string, old nn.Layer) nn.Layer {
		if _, name, inBlock := strings.Cut(path, "/"); inBlock && name == part {
			return wrap(path, old)
		}
		return old
	})
}

// thawNorms makes the layer norms trainable, those of the blocks and the last one.
func thawNorms(model *nn.ViT) {
	for _, b := range model.Blocks {
		nn.Thaw(b.Norm1, b.Norm2)
	}
	nn.Thaw(model.Norm)
}

// countNorms is how many numbers thawNorms makes trainable.
func countNorms(c nn.Config) (blocks, outside int) { return c.Depth * 4 * c.Width, 2 * c.Width }
