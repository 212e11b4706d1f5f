//go:build !js

package browser

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// proxy stands where the network would be: it refuses every request and remembers what was asked for. Browsers never
// send requests for 127.0.0.1 to a proxy.
type proxy struct {
	listener net.Listener
	mu       sync.Mutex
	hosts    []string
}

func listen() (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l}
	go p.serve()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }
func (p *proxy) close()          { p.listener.Close() }

func (p *proxy) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.refuse(conn)
	}
}

func (p *proxy) refuse(conn net.Conn) {
	defer conn.Close()
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	p.mu.Lock()
	p.hosts = append(p.hosts, request.Method+" "+request.Host)
	p.mu.Unlock()
	io.WriteString(conn, "HTTP/1.1 502 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

func (p *proxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var hosts []string
	for _, h := range p.hosts {
		if !ownBusiness(h) {
			hosts = append(hosts, h)
		}
	}
	return slices.Clone(hosts)
}

// ownBusiness reports whether browsers ask for this host by themselves, without any page: updates of their parts.
func ownBusiness(request string) bool {
	for _, host := range []string{
		"clients2.google.com", "update.googleapis.com", "redirector.gvt1.com", "accounts.google.com",
		"optimizationguide-pa.googleapis.com", "content-autofill.googleapis.com", "safebrowsing.googleapis.com",
		"edge.microsoft.com", "config.edge.skype.com", "msedge.api.cdp.microsoft.com",
	} {
		if strings.Contains(request, " "+host) {
			return true
		}
	}
	return false
}
