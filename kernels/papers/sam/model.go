package sam

import (
	"math/rand/v2"

	"petri/kernels/tape"
)

// Model is a promptable segmentation model.
type Model struct {
	Config
	encoder *encoder
	prompt  *promptEncoder
	decoder *decoder
	blind   bool      // sees a grey picture, whatever is shown
	grey    []float32 // it
}

// New returns a model with fresh weights; with r nil they are zero, to be overwritten (see Loaded).
func New(r *rand.Rand, c Config) *Model {
	return &Model{Config: c, encoder: newEncoder(r, c), prompt: newPromptEncoder(r, c), decoder: newDecoder(r, c)}
}

// Loaded says that all weights were written from outside: what is computed from them alone is made again.
func (m *Model) Loaded() { m.prompt.codeGrid() }

// Encode is the embedding of pictures [n, image, image, 3], 0..1: [n, tokens, d]. It is all that a picture costs, however many
// prompts follow.
func (m *Model) Encode(t *tape.Tape, pictures []float32) tape.Var {
	if m.blind {
		m.grey = sized(m.grey, len(pictures))
		for i := range m.grey {
			m.grey[i] = 0.5
		}
		pictures = m.grey
	}
	return m.encoder.encode(m.encoder.input(t, pictures))
}

// decode answers prompts on pictures x [n, tokens, d], one for each prompt. feed are logits of a rough mask [n, image, image], nil for
// none. It returns the logits [n, to-from, image²] and the estimated IoUs [n, to-from] of the masks from..to.
func (m *Model) decode(x tape.Var, q *prompts, feed []float32, from, to int) (logits, scores tape.Var) {
	t := x.Tape()
	before := t.Enter("prompt")
	tokens := m.prompt.tokens(t, q)
	x = m.prompt.dense(x, feed)
	t.Enter(before)
	return m.decoder.decode(x, tokens, m.prompt.grid, from, to)
}

// Params implements nn.Module. The Fourier matrix is among them, frozen: it is saved with the weights.
func (m *Model) Params(visit func(*tape.Param)) {
	m.encoder.Params(visit)
	m.prompt.Params(visit)
	m.decoder.Params(visit)
}
