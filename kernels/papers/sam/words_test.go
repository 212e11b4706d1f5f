package sam

import (
	"slices"
	"testing"

	"petri/kernels/tape"
)

// The slot for words: an embedding in it is one more token, which changes the answer and nothing of the model; without one the answer
// has the bits of a model that knows of no words.
func TestWordsAreOneMoreToken(t *testing.T) {
	m := New(stream(0, "words"), Live(3))
	on := tape.New()
	on.Infer = true
	picture := make([]float32, 3*m.Pixels())
	for i := range picture {
		picture[i] = float32(i%7) / 7
	}
	answer := func(words []float32) []float32 {
		var q prompts
		q.reset(1, 2, m.Width)
		m.prompt.set(&q, 0, 0, kindForeground, 10.5, 12.5)
		m.prompt.set(&q, 0, 1, kindPadding, 0, 0)
		q.words = words
		on.Reset()
		logits, _ := m.decode(m.Encode(on, picture), &q, nil, 0, m.MaskTokens())
		return slices.Clone(logits.Data())
	}
	words := make([]float32, m.Width)
	for i := range words {
		words[i] = float32(i%3) - 1
	}
	silent, said := answer(nil), answer(words)
	if slices.Equal(silent, said) {
		t.Error("words change nothing")
	}
	if !slices.Equal(silent, answer(nil)) {
		t.Error("what was said before changes a silent answer")
	}
	if heads, queries, _, ok := on.Attention(nil, "decoder/final", 0); !ok || heads != m.Heads || queries != 1+m.MaskTokens()+2 {
		t.Errorf("a silent prompt has %d tokens", queries)
	}
	answer(words)
	if _, queries, _, _ := on.Attention(nil, "decoder/final", 0); queries != 1+m.MaskTokens()+3 {
		t.Errorf("a prompt with words has %d tokens", queries)
	}
}
