package lab

import "petri/kernels/lab/wire"

// Prompting is how a lab answers prompts.
type Prompting struct {
	// Assets names the files that an answer needs, as paths below assets/.
	Assets func(wire.Ask) []string
	// New returns what answers, with a memory of its own: of encoded pictures, of what everything mode has found.
	New func(Env) Prompter
}

// Prompter answers prompts, one of each kind at a time.
type Prompter interface {
	// Begin prepares the answer to an ask whose buffers and bytes came with it, the trained weights left out. live is the racer that
	// is asked, nil for the shipped model.
	Begin(ask wire.Ask, buffers [][]float32, bytes []byte, live Trial) (Answering, error)
}

// Answering is an answer in the making, so that whoever drives it can read commands in between: each call does a slice of some ten
// milliseconds. After Done, and after an error, it is not called again.
type Answering func() (Reply, error)

// Reply is what a slice of an answer has to tell: nothing, an answer as far as it has come, or a file.
type Reply struct {
	Answer  *wire.Answer
	File    *wire.File
	Buffers [][]float32
	Bytes   []byte
	Done    bool
}
