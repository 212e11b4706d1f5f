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
	spent, err := trainSAM(c, t, checkpoint)
	if err != nil {
		return err
	}
	file, e, err := t.Ship(wire.Engine)
	if err != nil {
		return err
	}
	e.Date, e.Seconds, e.Machine = time.Now().UTC().Format(time.DateOnly), math.Round(spent.Seconds()), machine()
	if err := replaceIn(filepath.Join(out, filepath.Base(e.File)), file); err != nil {
		return err
	}
	if err := recordJSON(entry, e); err != nil {
		return err
	}
	done(checkpoint)
	s := e.HeldOut
	fmt.Fprintf(c.stdout, "%s: %d bytes, SHA-256 %s, on %d test scenes %.3f with one click (best of three), %.3f after five, %s\n",
		recipe.Name, e.Bytes, e.SHA256, s.Scenes, s.BestOf, s.ByClicks[4], duration(spent))
	return nil
}

// pretrainTwins makes the two models that differ in how many masks they give for one click, and writes down what they score.
func pretrainTwins(c *call, record, kept string) error {
	one, three := sam.TwinRecipes()
	twins := sam.Twins{Recipe: three, Engine: wire.Engine, Date: time.Now().UTC().Format(time.DateOnly), Machine: machine()}
	twins.Recipe.Name, twins.Recipe.Masks = twinsName, 0
	var made []*sam.Training
	var checkpoints []string
	for _, r := range []sam.Recipe{one, three} {
		t := r.Start()
		checkpoint := filepath.Join(kept, r.Name+"-model.safetensors")
		spent, err := trainSAM(c, t, checkpoint)
		if err != nil {
			return err
		}
		twins.Seconds += math.Round(spent.Seconds())
		made, checkpoints = append(made, t), append(checkpoints, checkpoint)
	}
	if err := twins.Score(made[0], made[1]); err != nil {
		return err
	}
	if err := recordJSON(record, twins); err != nil {
		return err
	}
	for _, name := range checkpoints { // a first one that is finished is not made again when the second is interrupted
		done(name)
	}
	fmt.Fprintf(c.stdout, "%s: on %d test scenes %.3f with one mask for one click, %.3f with the best of three\n", twinsName, twins.Scenes, twins.One, twins.Three)
	return nil
}

// twinsName is what pretraining calls them.
const twinsName = "sam-twins"

// done removes a checkpoint whose work is done. One that stays behind harms nobody.
func done(checkpoint string) {
	os.Remove(checkpoint)
	os.Remove(timeFile(checkpoint))
}

// recordJSON writes a record for people to read.
func recordJSON(name string, what any) error {
	text, err := json.MarshalIndent(what, "", " ")
	if err != nil {
		return err
	}
	return replaceIn(name, append(text, '\n'))
}

// replaceIn writes a file whose folder may not be there yet.
func replaceIn(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return replace(name, content)
}

// trainSAM makes all steps that are left, from a checkpoint where there is one, and says how long the whole has taken.
func trainSAM(c *call, t *sam.Training, checkpoint string) (spent time.Duration, err error) {
	recipe := t.Recipe
	spent = resume(c, t, checkpoint)
	replicas := make([]*sam.Replica, min(runtime.GOMAXPROCS(0), recipe.Groups()))
	for i := range replicas {
		replicas[i] = t.Replica()
	}
	p := newProgress(c.stderr, float64(t.Done)/float64(recipe.Steps()))
	start, saved := time.Now(), time.Now()
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
		if l := t.Apply(); math.IsNaN(l) || math.IsInf(l, 0) {
			return 0, fmt.Errorf("%s diverged at step %d", recipe.Name, t.Done)
		}
		p.show(float64(t.Done)/float64(recipe.Steps()), fmt.Sprintf("%s: step %d of %d, loss %.3f", recipe.Name, t.Done, recipe.Steps(), t.Loss()))
		if t.Watch() {
			last := t.Curve[len(t.Curve)-1]
			p.line(fmt.Sprintf("step %d: loss %.3f, validation scenes: one click %.3f, five clicks %.3f", last.Step, last.Loss, last.MIoU, last.Five))
		}
		if time.Since(saved) > checkpointEvery {
			saved = time.Now()
			if err := keep(t, checkpoint, spent+time.Since(start)); err != nil {
				return 0, err
			}
		}
	}
	if err := keep(t, checkpoint, spent+time.Since(start)); err != nil { // until what follows is written down
		return 0, err
	}
	p.done()
	return spent + time.Since(start), nil
}
