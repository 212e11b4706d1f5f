//go:build !js

package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"petri/internal/build"
	"petri/kernels/data/backbone"
	"petri/kernels/lab/wire"
	"petri/kernels/papers/sam"
)

const pretrainUsage = "pretrain NAME [-out DIR] [-checkpoint DIR]"

// checkpointEvery is the time between two checkpoints.
const checkpointEvery = 20 * time.Second

// pretrain makes a shipped backbone from its recipe and writes it with its entry in the manifest.
func pretrain(c *call) error {
	flags := flag.NewFlagSet("pretrain", flag.ContinueOnError)
	out := flags.String("out", "", "folder for the file and manifest.json; assets/weights of the source folder otherwise")
	kept := flags.String("checkpoint", "", "folder for checkpoints; the user's cache folder otherwise")
	words, err := c.parse(flags, 1, pretrainUsage)
	if err != nil {
		return err
	}
	name := words[0]
	recipe, err := findRecipe(name)
	if err != nil && !isSAM(name) {
		return err
	}
	record := *out // where the records lie that belong to the lab
	if *out == "" {
		root, err := build.Root(".")
		if err != nil {
			return err
		}
		*out = filepath.Join(root, "assets", "weights")
		record = filepath.Join(root, "kernels", "papers", "sam")
	}
	if *kept, err = checkpointDir(*kept); err != nil {
		return err
	}
	switch name {
	case sam.Recipes[0].Name:
		return pretrainSAM(c, sam.Recipes[0], *out, filepath.Join(record, "entry.json"), *kept)
	case twinsName:
		return pretrainTwins(c, filepath.Join(record, "twins.json"), *kept)
	}
	return makeBackbone(c, recipe, *out, *kept)
}

// checkpointDir is where unfinished work is kept: dir, or a folder in the user's cache where none is given.
func checkpointDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	cache, err := build.CacheDir()
	return filepath.Join(cache, "checkpoints"), err
}

// isSAM says whether a name is that of the promptable segmentation model or of its twins, which have recipes of another kind.
func isSAM(name string) bool { return name == sam.Recipes[0].Name || name == twinsName }

func findRecipe(name string) (backbone.Recipe, error) {
	r, err := backbone.Find(name)
	if err == nil {
		return r, nil
	}
	var names []string
	for _, r := range backbone.Recipes {
		names = append(names, r.Name)
	}
	names = append(names, sam.Recipes[0].Name, twinsName)
	return r, wrong(name, names, "%v", err)
}

// makeBackbone trains a recipe, from a checkpoint where there is one, and ships it.
func makeBackbone(c *call, recipe backbone.Recipe, out, kept string) error {
	t := recipe.Start()
	checkpoint := filepath.Join(kept, recipe.Name+".safetensors")
	spent := resume(c, t, checkpoint)
	p := newProgress(c.stderr, float64(t.Done)/float64(recipe.Steps))
	start, saved, loss := time.Now(), time.Now(), 0.0
	for !t.Finished() {
		l := t.Step()
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return fmt.Errorf("%s diverged at step %d", recipe.Name, t.Done)
		}
		if loss == 0 {
			loss = l
		}
		loss += .02 * (l - loss)
		p.show(float64(t.Done)/float64(recipe.Steps), fmt.Sprintf("%s: step %d of %d, loss %.3f", recipe.Name, t.Done, recipe.Steps, loss))
		if time.Since(saved) > checkpointEvery {
			saved = time.Now()
			if err := keep(t, checkpoint, spent+time.Since(start)); err != nil {
				return err
			}
		}
	}
	p.done()
	spent += time.Since(start)
	file, entry, err := t.Ship(wire.Engine)
	if err != nil {
		return err
	}
	entry.Date = time.Now().UTC().Format(time.DateOnly)
	entry.Seconds = math.Round(spent.Seconds())
	entry.Machine = machine()
	if err := ship(out, file, entry); err != nil {
		return err
	}
	done(checkpoint)
	fmt.Fprintf(c.stdout, "%s: %s, SHA-256 %s, %s, %s\n",
		recipe.Name, filepath.Join(out, filepath.Base(entry.File)), entry.SHA256, scored(entry), duration(spent))
	return nil
}

// scored says in words how a backbone does on what it has not seen.
func scored(e backbone.Entry) string {
	s := e.HeldOut
	named := fmt.Sprintf("%d of %d held-out glyphs right (%.2f %%)", s.Correct, s.Of, 100*s.Accuracy)
	if e.Recipe.Kind != backbone.KindMAE {
		return named
	}
	return fmt.Sprintf("hidden patches drawn with %.1f %% of their variance as error (mean patches: %.1f %%), by a linear probe %s",
		100*s.Error, 100*s.MeanPatch, named)
}

// unfinished is a training that can be stopped and resumed.
type unfinished interface {
	Checkpoint(engine string) ([]byte, error)
	Resume(file []byte, engine string) error
	Made() (done, of int)
}

// resume continues from a checkpoint, if there is one that fits, and returns the time spent before.
func resume(c *call, t unfinished, checkpoint string) time.Duration {
	file, err := os.ReadFile(checkpoint)
	if err != nil {
		return 0
	}
	if err := t.Resume(file, wire.Engine); err != nil {
		fmt.Fprintf(c.stderr, "starting over: %v\n", err)
		return 0
	}
	done, of := t.Made()
	fmt.Fprintf(c.stderr, "going on after step %d of %d\n", done, of)
	var spent time.Duration
	if text, err := os.ReadFile(timeFile(checkpoint)); err == nil {
		spent, _ = time.ParseDuration(strings.TrimSpace(string(text)))
	}
	return spent
}

// keep writes a checkpoint and, beside it, the time spent: a checkpoint of the same step has the same bytes.
func keep(t unfinished, checkpoint string, spent time.Duration) error {
	file, err := t.Checkpoint(wire.Engine)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(checkpoint), 0o755); err != nil {
		return err
	}
	if err := replace(checkpoint, file); err != nil {
		return err
	}
	return replace(timeFile(checkpoint), []byte(spent.String()))
}

func timeFile(checkpoint string) string {
	return strings.TrimSuffix(checkpoint, ".safetensors") + ".time"
}

// ship writes the file and its entry in the manifest beside it.
func ship(dir string, file []byte, entry backbone.Entry) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	list := filepath.Join(dir, "manifest.json")
	var m backbone.Manifest
	if text, err := os.ReadFile(list); err == nil {
		if m, err = backbone.ReadManifest(text); err != nil {
			return err
		}
	}
	m.Put(entry)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(dir, filepath.Base(entry.File)), file); err != nil {
		return err
	}
	return replace(list, append(text, '\n'))
}

// replace writes a file so that a reader sees the old or the new one, never half of it.
func replace(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".petri-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	if _, err := f.Write(content); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// machine describes where a result was made: "2 cores, linux/amd64".
func machine() string {
	return fmt.Sprintf("%d cores, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}
