package lora

import "petri/kernels/lab"

// Paper is the laboratory.
var Paper = lab.Paper{
	Lab: description(),
}
