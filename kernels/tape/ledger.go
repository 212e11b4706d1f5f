package tape

// Ledger counts what one step kept for backward and what it computed. Reset empties it.
//
// The bytes are logical: what the Keeper was asked to remember. The arena holds all results until Reset
// (Arena.Bytes). The operations are those of the products, dense and attention, two for each multiplication and
// addition; everything else is left out, as in the papers' counts.
type Ledger struct {
	ForwardFLOP, BackwardFLOP int64

	scopes  []string
	bytes   [][kinds]int
	tensors []Row
}

// Row is a share of the kept bytes.
type Row struct {
	Block string // the scope: "block0"; empty outside of blocks
	Kind  Kind
	Bytes int
}

// reset empties the ledger and keeps its memory.
func (l *Ledger) reset() {
	l.ForwardFLOP, l.BackwardFLOP = 0, 0
	l.scopes, l.bytes, l.tensors = l.scopes[:0], l.bytes[:0], l.tensors[:0]
}

// add counts bytes of a kind in a scope.
func (l *Ledger) add(scope string, kind Kind, bytes int) {
	if bytes > 0 {
		l.tensors = append(l.tensors, Row{scope, kind, bytes}) // reset keeps the room, so that steps allocate nothing
	}
	for i, s := range l.scopes {
		if s == scope {
			l.bytes[i][kind] += bytes
			return
		}
	}
	var first [kinds]int
	first[kind] = bytes
	l.scopes = append(l.scopes, scope)
	l.bytes = append(l.bytes, first)
}

// Bytes is everything that was kept.
func (l *Ledger) Bytes() int {
	sum := 0
	for i := range l.bytes {
		for _, b := range l.bytes[i] {
			sum += b
		}
	}
	return sum
}

// Of is what was kept of one kind, over all blocks.
func (l *Ledger) Of(kind Kind) int {
	sum := 0
	for i := range l.bytes {
		sum += l.bytes[i][kind]
	}
	return sum
}

// In is what was kept inside of one block.
func (l *Ledger) In(block string) int {
	sum := 0
	for i, s := range l.scopes {
		if s == block {
			for _, b := range l.bytes[i] {
				sum += b
			}
		}
	}
	return sum
}

// Rows lists the shares that are not empty, blocks in the order in which they first kept something.
func (l *Ledger) Rows() []Row {
	var rows []Row
	for i, s := range l.scopes {
		for k, b := range l.bytes[i] {
			if b > 0 {
				rows = append(rows, Row{s, Kind(k), b})
			}
		}
	}
	return rows
}

// Tensors lists what was kept one by one, in the order in which forward kept it. It is valid until Reset.
func (l *Ledger) Tensors() []Row { return l.tensors }

// Kinds lists the shares of all kinds that are not empty, over all blocks.
func (l *Ledger) Kinds() []Row {
	var rows []Row
	for k := range kinds {
		if b := l.Of(k); b > 0 {
			rows = append(rows, Row{Kind: k, Bytes: b})
		}
	}
	return rows
}
