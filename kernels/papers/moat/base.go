package moat

import (
	"math/rand/v2"

	"petri/kernels/data"
	"petri/kernels/lab"
	"petri/kernels/lab/course"
	"petri/kernels/lab/wire"
	"petri/kernels/nn"
	"petri/kernels/optim"
	"petri/kernels/tape"
)

// Ways to start from a base, as edits: what of the base is trained on the task.
const (
	startHead  = "head"  // only a new head
	startTuned = "tuned" // everything
)

// adapts tells whether a recipe puts updates of low rank beside its convolutions.
func (r recipe) adapts() bool { return r.start == loraView || r.start == loraConv }

// frozen tells whether the base stays as it is.
func (r recipe) frozen() bool { return r.adapts() || r.start == startHead }

// baseRate is the peak of the learning rate with which bases are trained, whatever the knob says: the rates of the racers
// can be compared on one base.
const baseRate = 2e-3

// baseKey says which base a racer starts from. Racers of the same key start from the same bits.
type baseKey struct {
	config config
	steps  int
	batch  int
	seed   uint64
	random bool // not trained at all: a control
}

// newBaseKey is the base of a racer's net: the same blocks.
func newBaseKey(spec wire.Spec, c config, seed uint64, random bool) baseKey {
	c.recipe.start, c.recipe.few, c.rank = "", false, 0
	c.classes = len(data.WorldM.Classes())
	return baseKey{c, spec.Int("steps"), spec.Int("batch"), seed, random}
}

// base is a net in training from which racers start. It learns another world, drawn glyphs that never repeat, with a head of
// its own, for as many steps as the run has.
type base struct {
	key      baseKey
	set      data.Glyphs
	net      *net
	running  []*tape.Running
	opt      optim.Optimizer
	schedule func(step int) float64
	tape     *tape.Tape
	images   []float32
	labels   []int32
	step     int
}

func newBase(k baseKey) *base {
	b := &base{key: k, set: data.Glyphs{World: data.WorldM, Seed: worldSeed + k.seed}, net: newNet(stream(k.seed, "base"), k.config), tape: tape.New(),
		images: make([]float32, k.batch*data.Pixels), labels: make([]int32, k.batch)}
	b.net.read = 0 // a glyph is as large as the picture
	b.running = nn.Running(b.net)
	b.opt = optim.NewAdamW(nn.Trainable(b.net), optim.Adam())
	b.schedule = course.Schedule(baseRate, k.steps)
	return b
}

// advance does a step, and reports whether the base is ready.
func (b *base) advance() (done bool) {
	if b.key.random || b.step == b.key.steps {
		return true
	}
	for j := range b.labels {
		b.labels[j] = int32(b.set.Image(b.images[j*data.Pixels:(j+1)*data.Pixels], data.Train, b.step*b.key.batch+j))
	}
	b.tape.Reset()
	b.tape.Backward(b.net.Forward(b.net.Input(b.tape, b.images)).CrossEntropy(b.labels))
	b.opt.Step(b.schedule(b.step))
	for _, r := range b.running {
		r.Update()
	}
	b.step++
	return b.step == b.key.steps
}

// body is a net without its head: what it shares with a racer that starts from it.
func (n *net) body() nn.Module { return body{n} }

type body struct{ *net }

func (b body) Params(visit func(*tape.Param)) {
	for _, k := range b.blocks {
		k.Params(visit)
	}
	b.norm.Params(visit)
}

// carried are the parameters and statistics of a net that come from a base.
type carried struct {
	params  []*tape.Param
	running []*tape.Running
}

// carriedBy lists them; the net must have no updates yet.
func carriedBy(n *net) carried { return carried{nn.Collect(n.body()), nn.Running(n)} }

// Len implements course.Rest: how many numbers they are.
func (c carried) Len() int {
	n := 0
	for _, p := range c.params {
		n += p.Len()
	}
	for _, r := range c.running {
		n += len(r.Mean) + len(r.Var)
	}
	return n
}

// Append implements course.Rest.
func (c carried) Append(to []float32) []float32 {
	for _, p := range c.params {
		to = append(to, p.Value.Data...)
	}
	for _, r := range c.running {
		to = append(append(to, r.Mean...), r.Var...)
	}
	return to
}

// Fill implements course.Rest.
func (c carried) Fill(from []float32) {
	for _, p := range c.params {
		from = from[copy(p.Value.Data, from):]
		p.Touch()
	}
	for _, r := range c.running {
		from = from[copy(r.Mean, from):]
		from = from[copy(r.Var, from):]
	}
}

// shelf holds the last base that a worker has made, for the next racers that start from it.
type shelf struct {
	key     baseKey
	numbers []float32 // as carried.Append
}

func shelfOf(env lab.Env) *shelf {
	s, _ := lab.Memo(env, "moat base", func() (*shelf, error) { return &shelf{}, nil })
	return s
}

// start makes the net of a racer that starts from a base: its own head, and updates where it has some. What comes from the
// base is filled in once that is ready.
func (t *trial) start(c config) error {
	t.net = newNet(nil, c)
	t.net.head = dense(stream(t.seed, "head"), "head", t.net.last[2], c.classes)
	t.carried = carriedBy(t.net)
	t.key = newBaseKey(t.spec, c, t.seed, t.opts.Backbone)
	return t.net.begin(func(name string) *rand.Rand { return stream(t.seed, "lora "+name) })
}

// pretrain does the next step of the base and reports whether the racer can begin from it.
func (t *trial) pretrain() (done bool) {
	shelf := shelfOf(t.env)
	if shelf.key != t.key || shelf.numbers == nil {
		if t.base == nil {
			t.base = newBase(t.key)
		}
		if !t.base.advance() {
			return false
		}
		shelf.key, shelf.numbers = t.key, carriedBy(t.base.net).Append(nil)
	}
	t.carried.Fill(shelf.numbers)
	for _, r := range t.running {
		r.Updates = t.key.steps // what follows counts as what has been
	}
	t.base = nil
	return true
}

// begin freezes what the racer does not train, and puts updates beside the convolutions. random gives each its numbers; with
// nil they are zero.
func (n *net) begin(random func(name string) *rand.Rand) error {
	if !n.recipe.frozen() {
		return nil
	}
	nn.Freeze(n.body())
	for _, b := range n.blocks {
		b.parts(func(p part) {
			if p, ok := p.(*norm); ok && p.batch != nil {
				p.batch.Fixed = true
			}
		})
	}
	if !n.recipe.adapts() {
		return nil
	}
	for _, b := range n.blocks {
		for _, br := range b.branches {
			for _, chain := range [2][]part{br.main, br.skip} {
				for i, p := range chain {
					var w *tape.Param
					switch p := p.(type) {
					case *conv:
						w = p.W
					case *pointwise:
						w = p.W
					default:
						continue
					}
					var r *rand.Rand
					if random != nil {
						r = random(w.Name)
					}
					a, err := newConvLoRA(n.recipe.start, p, n.rank, r)
					if err != nil {
						return err
					}
					chain[i] = a
				}
			}
		}
	}
	return nil
}
