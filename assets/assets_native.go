//go:build !js

package assets

import (
	"embed"
	"fmt"
)

//go:embed data weights recorded
var files embed.FS

// Read returns the file at a path below assets/, such as "weights/vtiny-m.safetensors".
func Read(name string) ([]byte, error) {
	b, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("there is no assets/%s in this program", name)
	}
	return b, nil
}
