//go:build !js

package cli

import (
	"bytes"
	"testing"

	"petri/kernels/lab/wire"
)

// TestLongNamesStandApart: a name as wide as its column does not run into its explanation.
func TestLongNamesStandApart(t *testing.T) {
	for name, want := range map[string]string{
		"heads:3":       "                heads:3     Three masks.\n",
		"heads:3-mean":  "                heads:3-mean Three masks.\n",
		"heads:3-means": "                heads:3-means Three masks.\n",
	} {
		var out bytes.Buffer
		printOption(&call{stdout: &out}, wire.Option{Value: name, Help: "Three masks."})
		if out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
	}
}
