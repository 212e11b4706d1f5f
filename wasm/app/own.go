//go:build js

package main

import (
	"sync"

	"petri/ui/own"
	"petri/ui/page"
	"petri/wasm/bridge"
)

// ownScript gets pictures of the visitor's own; it is fetched for the first page that takes some.
type ownScript struct {
	mu      sync.Mutex
	address string
	script  *bridge.Own
	soon    bool
}

// Own asks for a picture of the visitor's own. The empty wish waits until nothing else is left to load.
func (h *host) Own(w own.Wish) {
	if w.What == "" {
		if !h.own.soon {
			h.own.soon = true
			bridge.Settled(func() { h.opened() })
		}
		return
	}
	bridge.Go("a picture of one's own", func() {
		o, err := h.opened()
		if err != nil {
			h.tell(page.Brought{Brought: own.Brought{From: w.What, Why: "no script"}})
			return
		}
		switch w.What {
		case own.WishFile:
			o.File(w.Name)
		case own.WishCamera:
			o.Camera()
		case own.WishPaint:
			o.Paint(w.Scene, w.Shown)
		case own.WishPhoto:
			o.Photo(w.Name, w.Address)
		case own.WishKept:
			o.Kept(w.File)
		case own.WishForget:
			o.Forget()
		}
	})
}

func (h *host) opened() (*bridge.Own, error) {
	h.own.mu.Lock()
	defer h.own.mu.Unlock()
	if h.own.script != nil {
		return h.own.script, nil
	}
	cut := func(width, height int) []int {
		c := own.CutOf(width, height)
		return append([]int{c.X, c.Y, c.Side}, c.Sides...)
	}
	o, err := bridge.OpenOwn(h.own.address, own.Check, cut, func(b bridge.Brought) { h.tell(page.Brought{Brought: own.Brought(b)}) })
	h.own.script = o
	return o, err
}

// OwnPNG writes pixels as a file.
func (h *host) OwnPNG(side int, rgba []byte, done func([]byte, error)) {
	bridge.Go("keeping a picture", func() {
		o, err := h.opened()
		var file []byte
		if err == nil {
			file, err = o.PNG(side, rgba)
		}
		done(file, err)
	})
}
