//go:build !js

// Package cli is the laboratory without a browser: list, run, record, pretrain, tune and bench. Each command is the
// same code that the page's workers run, driven by goroutines, so it makes the same bits.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"petri/kernels/lab"
	"petri/kernels/lab/wire"
	"petri/kernels/papers"
)

// command is one word on the command line.
type command struct {
	name string
	run  func(c *call) error
}

var commands = []command{
	{"list", list},
	{"run", run},
	{"record", record},
	{"pretrain", pretrain},
	{"tune", tune},
	{"bench", bench},
}

// call is a command at work: its words and where it writes.
type call struct {
	name           string
	args           []string
	stdout, stderr io.Writer
	papers         []lab.Paper
}

// Main runs one command line and returns the exit status: 0, 1 for a failure, 2 for words that mean nothing.
func Main(args []string, stdout, stderr io.Writer) int {
	// Ctrl-C ends these commands at once: what takes long is kept in checkpoints.
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	return dispatch(papers.All, args, stdout, stderr)
}

func dispatch(all []lab.Paper, args []string, stdout, stderr io.Writer) int {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
		if len(args) > 0 && args[0] == c.name {
			return status(c.run(&call{c.name, args[1:], stdout, stderr, all}), stderr)
		}
	}
	word := ""
	if len(args) > 0 {
		word = args[0]
	}
	return status(wrong(word, names, "there is no command %q; there are: %s", word, strings.Join(names, ", ")), stderr)
}

// status reports an error in one line and turns it into the exit status.
func status(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "petri:", strings.Join(strings.Fields(err.Error()), " "))
	var misuse *usageError
	var spec *wire.SpecError
	if errors.As(err, &misuse) || errors.As(err, &spec) {
		return 2
	}
	return 1
}

// usageError is a mistake in the words of a command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// wrong is a misuse that names the nearest of the known words.
func wrong(word string, known []string, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if near := wire.Nearest(word, known); near != "" {
		text += "; try " + near
	}
	return &usageError{text}
}

// parse reads flags before, between and behind the other words, which it returns; there must be want of them,
// described by usage.
func (c *call) parse(flags *flag.FlagSet, want int, usage string) ([]string, error) {
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
	var words []string
	for args := c.args; ; {
		if err := flags.Parse(args); err != nil {
			return nil, c.flagError(err, names, usage)
		}
		if flags.NArg() == 0 {
			break
		}
		words, args = append(words, flags.Arg(0)), flags.Args()[1:]
	}
	if len(words) != want {
		return nil, misuse("%s takes %s: go run . %s", c.name, counted(want), usage)
	}
	return words, nil
}

func (c *call) flagError(err error, names []string, usage string) error {
	if errors.Is(err, flag.ErrHelp) {
		return misuse("go run . %s", usage)
	}
	if _, word, ok := strings.Cut(err.Error(), "not defined: "); ok {
		return wrong(word, names, "%s has no flag %s; it has: %s", c.name, word, strings.Join(names, ", "))
	}
	return misuse("%s: %v", c.name, err)
}

func counted(n int) string {
	switch n {
	case 0:
		return "no further words"
	case 1:
		return "one word"
	}
	return fmt.Sprintf("%d words", n)
}

// paper finds a lab by its name.
func (c *call) paper(id string) (lab.Paper, error) {
	var ids []string
	for _, p := range c.papers {
		if p.Lab.ID == id {
			return p, nil
		}
		ids = append(ids, p.Lab.ID)
	}
	return lab.Paper{}, wrong(id, ids, "there is no lab %q; there are: %s", id, strings.Join(ids, ", "))
}

// catalog is the list of labs, as links are read against it.
func (c *call) catalog() wire.Catalog {
	cat := wire.Catalog{Engine: wire.Engine}
	for _, p := range c.papers {
		cat.Labs = append(cat.Labs, p.Lab)
	}
	return cat
}
