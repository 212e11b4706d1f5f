package lora

// The tasks, as they are named in links.
const (
	taskDigits   = "digits"
	taskShuffled = "shuffled"
	taskWound    = "wound"
	taskStyle    = "style"
)
