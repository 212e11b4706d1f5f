//go:build js

package bridge

import "syscall/js"

// Copier returns a function that copies n bytes from JavaScript into this program. Engines that are driven from
// JavaScript are given their batch that way in every step; it lets ours be timed with the same.
func Copier(n int) func() {
	from, to := jsUint8Array.New(n), make([]byte, n)
	return func() { js.CopyBytesToGo(to, from) }
}
