//go:build js

package bridge

import (
	"fmt"
	"strconv"
	"syscall/js"
)

// fetch reads a file of this site and tells progress which share has arrived, where the server says how long it is.
func fetch(address string, progress func(share float64)) ([]byte, error) {
	response, err := await(js.Global().Call("fetch", address))
	if err != nil {
		return nil, err
	}
	if !response.Get("ok").Bool() {
		return nil, fmt.Errorf("the server answered %d", response.Get("status").Int())
	}
	total := 0
	// A compressed answer is longer when unpacked than its header says: then only the end is known.
	if h := response.Get("headers"); h.Call("get", "Content-Encoding").IsNull() {
		if s := h.Call("get", "Content-Length"); s.Type() == js.TypeString {
			total, _ = strconv.Atoi(s.String())
		}
	}
	reader := response.Get("body").Call("getReader")
	data := make([]byte, 0, total)
	for {
		chunk, err := await(reader.Call("read"))
		if err != nil {
			return nil, err
		}
		if chunk.Get("done").Bool() {
			break
		}
		value := chunk.Get("value")
		at := len(data)
		data = append(data, make([]byte, value.Length())...)
		js.CopyBytesToGo(data[at:], value)
		if progress != nil && total > 0 {
			progress(min(1, float64(len(data))/float64(total)))
		}
	}
	if progress != nil {
		progress(1)
	}
	return data, nil
}
