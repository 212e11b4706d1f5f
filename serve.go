//go:build !js

// Petri trains small, real versions of parameter-efficient vision methods in the browser and checks the claims of
// their papers.
//
// Without a command this program builds the site and serves it. The other commands are the same laboratory without a
// browser; "go run . help" lists them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"petri/internal/build"
	"petri/internal/cli"
	"petri/internal/serve"
	"petri/kernels/lab/wire"
)

const usage = `Petri: small, real laboratories of vision papers, in your browser.

  go run .                                      build, serve and open the site
  go run . -addr HOST:PORT [-open=false]        the same at an address of your choice
  go run . export -out DIR [-base /repo]        write the site for a static host
  go run . list                                 the labs and their knobs
  go run . run 'lora?arms=qv:1,qv:4' [-json]    make a run without a browser
  go run . record LAB                           make the recorded default run of a lab again
  go run . pretrain NAME                        make a shipped backbone again
  go run . tune LAB                             make a lab's table of learning rates again
  go run . bench [-json] [-browser [-quick]]    what the kernels reach on this machine
`

// laboratory are the commands that need no site.
var laboratory = []string{"list", "run", "record", "pretrain", "tune", "bench"}

func main() { os.Exit(command(os.Args[1:], os.Stdout, os.Stderr)) }

// command runs one command line and returns the exit status: 0, 1 for a failure, 2 for words that mean nothing.
func command(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{"serve"}
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return 0
	case "serve":
		return untilInterrupted(serveSite, args[1:], stdout, stderr)
	case "export":
		return untilInterrupted(export, args[1:], stdout, stderr)
	}
	if strings.HasPrefix(args[0], "-") {
		return untilInterrupted(serveSite, args, stdout, stderr)
	}
	for _, name := range laboratory {
		if args[0] == name {
			return cli.Main(args, stdout, stderr)
		}
	}
	known := append([]string{"serve", "export", "help"}, laboratory...)
	text := fmt.Sprintf("there is no command %q; there are: %s", args[0], strings.Join(known, ", "))
	if near := wire.Nearest(args[0], known); near != "" {
		text += "; try " + near
	}
	return finish(usageError(text), stderr)
}

// untilInterrupted runs a command that ends in good order when the user presses Ctrl-C.
func untilInterrupted(run func(context.Context, []string, io.Writer, io.Writer) error, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, args, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	return finish(err, stderr)
}

// usageError is a mistake in the words of a command.
type usageError string

func (e usageError) Error() string { return string(e) }

func finish(err error, stderr io.Writer) int {
	var misuse usageError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return 0
	case errors.As(err, &misuse):
		fmt.Fprintln(stderr, "petri:", misuse)
		return 2
	}
	fmt.Fprintln(stderr, "petri:", err)
	return 1
}

// parse reads flags and refuses everything else in one line that names the nearest flag.
func parse(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(io.Discard)
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, "-"+f.Name) })
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected %q", flags.Arg(0))
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	text := fmt.Sprintf("%s: %v; its flags: %s", flags.Name(), err, strings.Join(names, ", "))
	if _, unknown, ok := strings.Cut(err.Error(), "not defined: "); ok {
		if near := wire.Nearest(unknown, names); near != "" {
			text += "; try " + near
		}
	}
	return usageError(text)
}

func serveSite(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("petri", flag.ContinueOnError)
	addr := flags.String("addr", "", "address to serve at")
	open := flags.Bool("open", true, "open the browser")
	if err := parse(flags, args); err != nil {
		return err
	}
	// The port is taken first: a mistake in -addr should not cost a build.
	listener, err := serve.Listen(orDefault(*addr), *addr != "")
	if err != nil {
		return usageError(err.Error())
	}
	defer listener.Close()
	log := build.NewLog(stderr)
	programs, err := compile(ctx, log)
	if err != nil {
		return err
	}
	dir, err := build.Site(ctx, programs, "")
	if err != nil {
		return err
	}
	link := serve.URL(listener, "")
	fmt.Fprintf(stdout, "Petri is at %s (Ctrl-C ends it)\n", link)
	if *open {
		serve.OpenBrowser(link)
	}
	return serve.Serve(ctx, listener, serve.Handler(dir, ""))
}

func orDefault(addr string) string {
	if addr == "" {
		return serve.DefaultAddr
	}
	return addr
}

func export(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	out := flags.String("out", "", "folder to write")
	base := flags.String("base", "", "path of the site on its host, such as /repo")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *out == "" {
		return usageError("export needs a folder to write to; try export -out site")
	}
	clean, err := build.CleanBase(*base)
	if err != nil {
		return usageError(err.Error())
	}
	if err := build.MayReplace(*out); err != nil {
		return usageError(err.Error())
	}
	log := build.NewLog(stderr)
	programs, err := compile(ctx, log)
	if err != nil {
		return err
	}
	start := time.Now()
	slow := time.AfterFunc(3*time.Second, func() {
		log.Printf("compressing as well as can be (a minute or two, only what changed since the last export)")
	})
	defer slow.Stop()
	if err := build.Export(ctx, programs, clean, *out, build.Best); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s is ready (%.1f s): any file server shows it at %s/\n", *out, time.Since(start).Seconds(), clean)
	return nil
}

func compile(ctx context.Context, log build.Log) (build.Programs, error) {
	root, err := build.Root(".")
	if err != nil {
		return build.Programs{}, err
	}
	return build.Compile(ctx, root, log)
}
