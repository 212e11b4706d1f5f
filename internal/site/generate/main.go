//go:build !js

// Command generate writes the static site from compiled programs. internal/build compiles and runs it.
package main

import (
	"flag"
	"fmt"
	"os"

	"petri/internal/build"
	"petri/internal/pack"
	"petri/internal/site"
)

func main() {
	o := site.Options{Marker: build.Marker}
	flag.StringVar(&o.Root, "root", ".", "the module's folder")
	flag.StringVar(&o.Programs, "programs", "", "folder of the compiled programs")
	flag.StringVar(&o.Base, "base", "", `path of the site on its host: "" or "/repo"`)
	flag.StringVar(&o.Build, "build", "", "the build id")
	flag.StringVar(&o.Kernels, "kernels", "", "the id of the kernels")
	flag.StringVar(&o.Packed, "packed", "", "folder to keep compressed copies in")
	best := flag.Bool("best", false, "compress as well as can be")
	flag.StringVar(&o.Out, "out", "", "an empty folder to write to")
	flag.Parse()
	o.Effort = pack.Quick
	if *best {
		o.Effort = pack.Best
	}
	if err := site.Generate(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
