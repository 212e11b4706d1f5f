package chart

import "sort"

// spread moves positions apart so that neighbours are at least gap away from each other and all lie within lo..hi,
// changing them as little as possible in the sense of least squares (pool adjacent violators on y − k·gap). The result is
// in the order of the input. Where the positions cannot all fit, they are set evenly.
func spread(want []float64, gap, lo, hi float64) []float64 {
	n := len(want)
	out := make([]float64, n)
	if n == 0 {
		return out
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return want[order[a]] < want[order[b]] })
	if room := hi - lo; float64(n-1)*gap > room {
		for k, i := range order {
			out[i] = lo + room*float64(k)/float64(n-1)
		}
		return out
	}
	type pool struct {
		sum float64
		n   int
	}
	var pools []pool
	for k, i := range order {
		pools = append(pools, pool{want[i] - float64(k)*gap, 1})
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if a.sum/float64(a.n) <= b.sum/float64(b.n) {
				break
			}
			pools = append(pools[:len(pools)-2], pool{a.sum + b.sum, a.n + b.n})
		}
	}
	k := 0
	for _, p := range pools {
		at := min(max(p.sum/float64(p.n), lo), hi-float64(n-1)*gap)
		for range p.n {
			out[order[k]] = at + float64(k)*gap
			k++
		}
	}
	return out
}
