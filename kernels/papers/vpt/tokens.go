package vpt

import (
	"strconv"

	"petri/kernels/nn"
	"petri/kernels/tape"
)

// The closed form of what one step keeps for the backward pass where a method adds tokens and changes no weight, derived
// from the specs' table (0.3) and not from the tape, whose ledger a test compares with it to the byte. Of width d, with h
// heads and MLP width f, a block keeps for every example of t tokens that ask and s that are looked at
//
//	layer norms, and 1/σ    2·t·(d + 1)
//	q, k, v                 t·d + 2·s·d
//	attention               h·t·s
//	derivative of GELU      t·f
//
// Prompts make both t and s longer by p, a prefix s alone. The keys and values of a prefix are counted for every example,
// because each has a copy of them, in front of its own.

// passing is what a block keeps of a number of examples. Where no gradient passes to what lies below it, which is so in the
// first block under a prefix, its first norm keeps nothing; and as the queries have no gradient then, keys are not kept.
func passing(c nn.Config, block, examples, asking, looked int, below bool) []tape.Row {
	asking, pairs, looked := examples*asking, examples*asking*looked, examples*looked
	norms, keys := 2, looked
	if !below {
		norms, keys = 1, 0
	}
	name := "block" + strconv.Itoa(block)
	return []tape.Row{
		{Block: name, Kind: tape.KeptNorm, Bytes: 4 * norms * asking * (c.Width + 1)},
		{Block: name, Kind: tape.KeptHeads, Bytes: 4 * c.Width * (asking + keys + looked)},
		{Block: name, Kind: tape.KeptProbs, Bytes: 4 * c.Heads * pairs},
		{Block: name, Kind: tape.KeptGELU, Bytes: 4 * asking * c.Hidden},
	}
}

// behind is what is kept behind the blocks: of the final norm where a gradient passes it, of the head, and of the loss.
func behind(c nn.Config, examples int, passes bool) []tape.Row {
	rows := []tape.Row{
		{Kind: tape.KeptInput, Bytes: 4 * examples * c.Width},
		{Kind: tape.KeptLoss, Bytes: 4 * examples * c.Classes},
	}
	if passes {
		rows = append([]tape.Row{{Kind: tape.KeptNorm, Bytes: 4 * examples * (c.Width + 1)}}, rows...)
	}
	return rows
}
