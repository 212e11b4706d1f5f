//go:build !js

package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// DefaultAddr is where the site is served unless that port is taken.
const DefaultAddr = "127.0.0.1:8080"

// Listen opens addr. Where only is false and the port is taken, it takes the next free one.
func Listen(addr string, only bool) (net.Listener, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("-addr %s is not host:port; try -addr %s", addr, guess(addr))
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return nil, fmt.Errorf("-addr %s: %q is no port; try -addr %s", addr, text, net.JoinHostPort(host, "8080"))
	}
	for last := min(port+100, 65535); ; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		switch {
		case err == nil:
			return l, nil
		case only || port == last || !taken(err):
			return nil, err
		}
	}
}

// guess is an address near to one that could not be read: "8081" means a port, "localhost" a host.
func guess(addr string) string {
	digits := strings.Trim(addr, ":")
	if _, err := strconv.Atoi(digits); err == nil {
		return "127.0.0.1:" + digits
	}
	if addr != "" && !strings.ContainsAny(addr, ":/ ") {
		return addr + ":8080"
	}
	return DefaultAddr
}

// taken reports whether a port could not be opened because somebody has it or may not be given it.
func taken(err error) bool {
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
		return true
	}
	// Windows calls them WSAEADDRINUSE and WSAEACCES.
	var number syscall.Errno
	return runtime.GOOS == "windows" && errors.As(err, &number) && (number == 10048 || number == 10013)
}

// URL is the address of a site on a listener, as a browser on this machine writes it.
func URL(l net.Listener, base string) string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + base + "/"
}

// Serve serves until ctx ends, then lets answers under way finish for a moment.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := server.Shutdown(stop); errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return nil
}

// OpenBrowser shows an address in the visitor's browser where there is a desktop, and reports whether it tried.
func OpenBrowser(address string) bool {
	name, args := opener(runtime.GOOS, os.Getenv, address)
	if name == "" {
		return false
	}
	if _, err := exec.LookPath(name); err != nil {
		return false
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() != nil {
		return false
	}
	go cmd.Wait()
	return true
}

// opener is the command that opens an address, "" where no desktop is to be seen.
func opener(goos string, env func(string) string, address string) (string, []string) {
	remote := env("SSH_CONNECTION") != "" || env("CI") != ""
	switch {
	case remote:
		return "", nil
	case goos == "darwin":
		return "open", []string{address}
	case goos == "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != "":
		return "xdg-open", []string{address}
	}
	return "", nil
}
