// Command genall writes zz_all.go into the folder of papers that it is given.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"petri/internal/genall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "genall:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one argument, the folder of papers")
	}
	src, err := genall.Render(os.DirFS(args[0]))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[0], "zz_all.go"), src, 0o644)
}
