//go:build js

package main

import (
	"fmt"
	"reflect"
	"strings"
	"syscall/js"
)

// The browser reads and writes the JSON here: encoding/json would make this program a seventh larger.

// fill copies a JavaScript value into what dst points to: structs by their json names, slices, maps to any, numbers,
// strings, truth values. Absent fields keep their value.
func fill(dst reflect.Value, src js.Value) error {
	if src.IsUndefined() || src.IsNull() {
		return nil
	}
	want := map[reflect.Kind]js.Type{reflect.String: js.TypeString, reflect.Bool: js.TypeBoolean, reflect.Int: js.TypeNumber, reflect.Float32: js.TypeNumber,
		reflect.Float64: js.TypeNumber, reflect.Struct: js.TypeObject, reflect.Slice: js.TypeObject, reflect.Map: js.TypeObject}
	if t, ok := want[dst.Kind()]; ok && src.Type() != t {
		return fmt.Errorf("%s where %s is wanted", src.Type(), dst.Type())
	}
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		return fill(dst.Elem(), src)
	case reflect.String:
		dst.SetString(src.String())
	case reflect.Bool:
		dst.SetBool(src.Bool())
	case reflect.Int:
		dst.SetInt(int64(src.Float()))
	case reflect.Float32, reflect.Float64:
		dst.SetFloat(src.Float())
	case reflect.Slice:
		n := src.Length()
		dst.Set(reflect.MakeSlice(dst.Type(), n, n))
		for i := range n {
			if err := fill(dst.Index(i), src.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map: // map[string]any
		dst.Set(reflect.MakeMap(dst.Type()))
		keys := js.Global().Get("Object").Call("keys", src)
		for i := range keys.Length() {
			key := keys.Index(i).String()
			var value any
			switch v := src.Get(key); v.Type() {
			case js.TypeString:
				value = v.String()
			case js.TypeNumber:
				value = v.Float()
			case js.TypeBoolean:
				value = v.Bool()
			default:
				return fmt.Errorf("%s: %s is no value of a view", key, v.Type())
			}
			dst.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(value))
		}
	case reflect.Struct:
		for i := range dst.NumField() {
			if name := jsonName(dst.Type().Field(i)); name != "" {
				if err := fill(dst.Field(i), src.Get(name)); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	default:
		return fmt.Errorf("%s cannot be read from JavaScript", dst.Type())
	}
	return nil
}

// object turns a struct into a JavaScript object by its json names: numbers, strings, truth values, lists of whole numbers and
// pointers to further structs.
func object(v any) js.Value {
	o, src := js.Global().Get("Object").New(), reflect.Indirect(reflect.ValueOf(v))
	for i := range src.NumField() {
		name := jsonName(src.Type().Field(i))
		if name == "" {
			continue
		}
		switch f := src.Field(i); f.Kind() {
		case reflect.Pointer:
			if !f.IsNil() {
				o.Set(name, object(f.Interface()))
			}
		case reflect.Slice:
			list := make([]any, f.Len())
			for k := range list {
				list[k] = f.Index(k).Interface()
			}
			o.Set(name, list)
		default:
			o.Set(name, f.Interface())
		}
	}
	return o
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || !f.IsExported() {
		return ""
	}
	return name
}
