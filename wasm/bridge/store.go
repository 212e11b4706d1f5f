//go:build js

package bridge

import (
	"fmt"
	"strings"
	"syscall/js"
)

// Local reads a text from localStorage; ok is false where there is none or the browser refuses storage.
func Local(key string) (text string, ok bool) {
	_ = try(func() {
		v := js.Global().Get("localStorage").Call("getItem", localPrefix+key)
		if v.Type() == js.TypeString {
			text, ok = v.String(), true
		}
	})
	return text, ok
}

// SetLocal keeps a text in localStorage; an empty one removes it.
func SetLocal(key, text string) error {
	return try(func() {
		store := js.Global().Get("localStorage")
		if text == "" {
			store.Call("removeItem", localPrefix+key)
			return
		}
		store.Call("setItem", localPrefix+key, text)
	})
}

// localPrefix sets Petri apart from other sites of the same origin, as on a host with many repositories.
const localPrefix = "petri:"

// Store keeps large values, trained weights above all, in IndexedDB.
type Store struct {
	db js.Value
}

// OpenStore opens the database, waiting for it. Call it from a goroutine. Name holds the path of the site, so that two
// copies of Petri on one host do not mix their runs.
func OpenStore(name string) (*Store, error) {
	var request js.Value
	if err := try(func() { request = js.Global().Get("indexedDB").Call("open", localPrefix+name, 1) }); err != nil {
		return nil, err
	}
	upgrade := callback("opening the database", func([]js.Value) {
		request.Get("result").Call("createObjectStore", "values")
	})
	defer upgrade.Release()
	request.Set("onupgradeneeded", upgrade)
	db, err := settle(request)
	if err != nil {
		return nil, err
	}
	return &Store{db: db}, nil
}

// Put keeps a value under a key.
func (s *Store) Put(key string, value []byte) error {
	return s.do("readwrite", func(o js.Value) js.Value { return o.Call("put", bytesToJS(value), key) }, nil)
}

// Get returns the value of a key, nil where there is none.
func (s *Store) Get(key string) (value []byte, err error) {
	err = s.do("readonly", func(o js.Value) js.Value { return o.Call("get", key) }, func(v js.Value) {
		if v.Truthy() {
			value = bytesToGo(v)
		}
	})
	return value, err
}

// Keys lists the keys that start with prefix, in order.
func (s *Store) Keys(prefix string) (keys []string, err error) {
	err = s.do("readonly", func(o js.Value) js.Value { return o.Call("getAllKeys") }, func(v js.Value) {
		for i := range v.Length() {
			if k := v.Index(i).String(); strings.HasPrefix(k, prefix) {
				keys = append(keys, k)
			}
		}
	})
	return keys, err
}

// Delete removes all keys that start with prefix.
func (s *Store) Delete(prefix string) error {
	keys, err := s.Keys(prefix)
	for _, k := range keys {
		if err == nil {
			err = s.do("readwrite", func(o js.Value) js.Value { return o.Call("delete", k) }, nil)
		}
	}
	return err
}

func (s *Store) do(mode string, ask func(js.Value) js.Value, answer func(js.Value)) error {
	var request js.Value
	if err := try(func() {
		request = ask(s.db.Call("transaction", "values", mode).Call("objectStore", "values"))
	}); err != nil {
		return err
	}
	v, err := settle(request)
	if err == nil && answer != nil {
		answer(v)
	}
	return err
}

// settle waits for an IndexedDB request.
func settle(request js.Value) (js.Value, error) {
	done := make(chan error, 1)
	ok := callback("the database", func([]js.Value) { done <- nil })
	bad := callback("the database", func([]js.Value) { done <- fmt.Errorf("the browser's storage: %w", jsError(request.Get("error"))) })
	defer ok.Release()
	defer bad.Release()
	request.Set("onsuccess", ok)
	request.Set("onerror", bad)
	if err := <-done; err != nil {
		return js.Undefined(), err
	}
	return request.Get("result"), nil
}
