//go:build !js

package e2e

import (
	"os"
	"testing"

	"petri/internal/budget"
)

// TestBudgets weighs the sites as export writes them, at the root and below a path.
func TestBudgets(t *testing.T) {
	budgets, err := budget.Read()
	must(t, err)
	for base, dir := range world.sites {
		weights, err := budget.Weigh(os.DirFS(dir), base)
		must(t, err)
		for _, b := range budgets {
			w := weights[b.Name]
			t.Logf("%-6s %-10s %9d bytes of %9d, %7d left (%s)", base, b.Name, w.Bytes, b.Bytes, b.Bytes-w.Bytes, w.Of)
		}
		for _, over := range budget.Check(budgets, weights) {
			t.Errorf("site %q: %s", base, over)
		}
	}
}
