//go:build !js

package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam"
)

// pretrainSAM makes the promptable segmentation model that comes with the site: weights below out, and their entry beside the
// code that reads it. The groups of a step are computed side by side and summed in their order, so the number of cores changes no bit.
func pretrainSAM(c *call, recipe sam.Recipe, out, entry, kept string) error {
	t := recipe.Start()
	checkpoint := filepath.Join(kept, recipe.Name+"-model.safetensors")
	spent := resume(c, t, checkpoint)
	replicas := make([]*sam.Replica, min(runtime.GOMAXPROCS(0), recipe.Groups()))
	for i := range replicas {
		replicas[i] = t.Replica()
	}
	p := newProgress(c.stderr, float64(t.Done)/float64(recipe.Steps()))
	start, saved := time.Now(), time.Now()
	sum, since := 0.0, t.Done
	for !t.Finished() {
		var next atomic.Int64
		var group sync.WaitGroup
		for _, w := range replicas {
			group.Go(func() {
				for g := int(next.Add(1)) - 1; g < recipe.Groups(); g = int(next.Add(1)) - 1 {
					w.Compute(g)
				}
			})
		}
		group.Wait()
		l := t.Apply()
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return fmt.Errorf("%s diverged at step %d", recipe.Name, t.Done)
		}
		sum += l
		loss := sum / float64(t.Done-since)
		p.show(float64(t.Done)/float64(recipe.Steps()), fmt.Sprintf("%s: step %d of %d, loss %.3f", recipe.Name, t.Done, recipe.Steps(), loss))
		if t.Watch(loss) {
			last := t.Curve[len(t.Curve)-1]
			p.line(fmt.Sprintf("step %d: loss %.3f, validation scenes: one click %.3f, five clicks %.3f", last.Step, last.Loss, last.MIoU, last.Five))
			sum, since = 0, t.Done
		}
		if time.Since(saved) > checkpointEvery && since == t.Done { // what the next point of the curve averages starts anew
			saved = time.Now()
			if err := keep(t, checkpoint, spent+time.Since(start)); err != nil {
				return err
			}
		}
	}
	p.done()
	spent += time.Since(start)
	file, e, err := t.Ship(wire.Engine)
	if err != nil {
		return err
	}
	e.Date, e.Seconds, e.Machine = time.Now().UTC().Format(time.DateOnly), math.Round(spent.Seconds()), machine()
	text, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{filepath.Join(out, filepath.Base(e.File)): file, entry: append(text, '\n')} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := replace(name, content); err != nil {
			return err
		}
	}
	os.Remove(checkpoint)
	os.Remove(timeFile(checkpoint))
	s := e.HeldOut
	fmt.Fprintf(c.stdout, "%s: %d bytes, SHA-256 %s, on %d test scenes %.3f with one click (best of three), %.3f after five, %s\n",
		recipe.Name, e.Bytes, e.SHA256, s.Scenes, s.BestOf, s.ByClicks[4], duration(spent))
	return nil
}
