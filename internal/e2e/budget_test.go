//go:build !js

package e2e

import (
	"os"
	"testing"

	"petri/internal/budget"
)

// TestBudgets weighs a site as export writes it. Below a path its addresses are longest; the programs are the same.
func TestBudgets(t *testing.T) {
	const base = "/repo"
	budgets, err := budget.Read()
	must(t, err)
	weights, err := budget.Weigh(os.DirFS(world.sites[base]), base)
	must(t, err)
	for _, b := range budgets {
		w := weights[b.Name]
		t.Logf("%-10s %9d bytes of %9d, %7d left (%s)", b.Name, w.Bytes, b.Bytes, b.Bytes-w.Bytes, w.Of)
	}
	for _, over := range budget.Check(budgets, weights) {
		t.Error(over)
	}
}
