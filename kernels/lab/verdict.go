package lab

import "petri/kernels/lab/wire"

// margin is the closeness at which a verdict would depend on the rounding of the analysis, which is not the same to
// the last bit on every machine. What turns on less is unclear.
const margin = 1e-9

// Side says on which side of a limit a claim holds.
type Side int

// The sides of a limit.
const (
	Below Side = iota
	Above
)

// Judge compares a measurement over seeds with the limit of a claim. The claim holds when the whole 95 % interval lies
// on the claim's side of the limit and fails when it lies on the other. Anything else is unclear, and so is
// everything that was measured with one seed only.
func Judge(iv wire.Interval, side Side, limit float64) wire.Verdict {
	if len(iv.Values) < 2 {
		return wire.Unclear
	}
	switch {
	case iv.High < limit-margin:
		return Verdict(side == Below)
	case iv.Low > limit+margin:
		return Verdict(side == Above)
	}
	return wire.Unclear
}

// Verdict is that of a condition without an interval: a count, or a bound that rounding alone can miss.
func Verdict(holds bool) wire.Verdict {
	if holds {
		return wire.Holds
	}
	return wire.Fails
}

// All is the verdict of a claim with several conditions: it fails if one fails, holds if all hold.
func All(verdicts ...wire.Verdict) wire.Verdict {
	all := wire.Holds
	for _, v := range verdicts {
		switch v {
		case wire.Fails:
			return wire.Fails
		case wire.Holds:
		default:
			all = wire.Unclear
		}
	}
	if len(verdicts) == 0 {
		return wire.Unclear
	}
	return all
}
