//go:build !js

// Package browser finds a Chromium-like browser on the machine and drives it, for the tests that need a real one and
// for work that runs fastest as WebAssembly. It watches the console: an exception or a Go panic in any page is a
// problem that the caller gets to see.
package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Variable names the environment variable that chooses the browser.
const Variable = "PETRI_BROWSER"

// names are looked up on PATH, plain Chromium first.
var names = []string{
	"chromium", "chromium-browser", "headless-shell", "headless_shell", "google-chrome", "google-chrome-stable",
	"google-chrome-beta", "chrome", "microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser",
}

// Find returns the path of a browser, or an error that says in one line what to install.
func Find() (string, error) { return find(os.Getenv(Variable), runtime.GOOS, exec.LookPath) }

func find(chosen, goos string, look func(string) (string, error)) (string, error) {
	if chosen != "" {
		path, err := look(chosen)
		if err != nil {
			return "", fmt.Errorf("%s=%s cannot be run (%v); name the program file of Chromium, Chrome or Edge", Variable, chosen, err)
		}
		return path, nil
	}
	for _, name := range append(append([]string{}, names...), places(goos)...) {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no browser found: install Chromium, Chrome or Edge" + how(goos) + ", or set " + Variable + " to its program file, or leave these tests out with -short")
}

func how(goos string) string {
	switch goos {
	case "linux":
		return " (on Debian and Ubuntu: apt-get install chromium)"
	case "darwin":
		return " (with Homebrew: brew install --cask chromium)"
	}
	return ""
}

// places are where installers put browsers without telling PATH.
func places(goos string) []string {
	switch goos {
	case "darwin":
		apps := []string{
			"Chromium.app/Contents/MacOS/Chromium",
			"Google Chrome.app/Contents/MacOS/Google Chrome",
			"Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
			"Brave Browser.app/Contents/MacOS/Brave Browser",
		}
		var all []string
		for _, folder := range []string{"/Applications", filepath.Join(os.Getenv("HOME"), "Applications")} {
			for _, app := range apps {
				all = append(all, filepath.Join(folder, app))
			}
		}
		return all
	case "windows":
		var all []string
		for _, folder := range []string{os.Getenv("ProgramFiles"), os.Getenv("ProgramFiles(x86)"), os.Getenv("LocalAppData")} {
			if folder == "" {
				continue
			}
			all = append(all,
				filepath.Join(folder, "Chromium", "Application", "chrome.exe"),
				filepath.Join(folder, "Google", "Chrome", "Application", "chrome.exe"),
				filepath.Join(folder, "Microsoft", "Edge", "Application", "msedge.exe"))
		}
		return all
	}
	return []string{"/usr/lib/chromium/chromium", "/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/snap/bin/chromium"}
}

// Ensure finds a browser or, where there is none and we are root on Debian or Ubuntu, installs the package chromium,
// saying so. Anywhere else the error says what to install.
func Ensure(ctx context.Context, log io.Writer) (string, error) {
	path, err := Find()
	if err == nil || os.Getenv(Variable) != "" || os.Geteuid() != 0 || !debian() {
		return path, err
	}
	fmt.Fprintln(log, "no browser found; installing the package chromium with apt-get, as root")
	steps := [][]string{
		{"apt-get", "update", "-q"},
		{"apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"},
	}
	for i, args := range steps {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, failed := cmd.CombinedOutput(); failed != nil && i == len(steps)-1 {
			return "", fmt.Errorf("%w (apt-get install chromium: %s)", err, lastLine(out))
		}
	}
	return Find()
}

// debian reports whether the system takes packages of Debian.
func debian() bool {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return false
	}
	_, err := os.Stat("/etc/debian_version")
	return err == nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
