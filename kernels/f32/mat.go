package f32

import "strconv"

// Error is the panic value for arguments whose sizes do not fit each other.
type Error string

func (e Error) Error() string { return string(e) }

// Mat is a view of a row-major matrix: row i starts at Data[i*Stride]. Columns of a wider matrix, or every n-th row,
// are views as well.
type Mat struct {
	Data               []float32
	Rows, Cols, Stride int
}

// M views data as a contiguous [rows, cols] matrix.
func M(data []float32, rows, cols int) Mat {
	if rows < 0 || cols < 0 || len(data) < rows*cols {
		panic(Error("f32: M: " + strconv.Itoa(len(data)) + " numbers do not fill " + dims(rows, cols)))
	}
	return Mat{Data: data, Rows: rows, Cols: cols, Stride: cols}
}

// row returns row i, Cols long.
func (m Mat) row(i int) []float32 { return m.Data[i*m.Stride:][:m.Cols] }

// check panics unless m is a [rows, cols] view whose last element exists.
func (m Mat) check(op, name string, rows, cols int) {
	if m.Rows != rows || m.Cols != cols {
		panic(Error("f32: " + op + ": " + name + " is " + dims(m.Rows, m.Cols) + ", want " + dims(rows, cols)))
	}
	if rows == 0 || cols == 0 {
		return
	}
	if m.Stride < 0 || (rows-1)*m.Stride+cols > len(m.Data) {
		panic(Error("f32: " + op + ": " + name + " " + dims(rows, cols) + " with stride " + strconv.Itoa(m.Stride) +
			" does not fit into " + strconv.Itoa(len(m.Data)) + " numbers"))
	}
}

// needs panics unless a slice holds at least want numbers.
func needs(op, name string, have, want int) {
	if have < want {
		panic(Error("f32: " + op + ": " + name + " holds " + strconv.Itoa(have) + " numbers, needs " + strconv.Itoa(want)))
	}
}

// same panics unless a slice holds exactly want numbers.
func same(op, name string, have, want int) {
	if have != want {
		panic(Error("f32: " + op + ": " + name + " holds " + strconv.Itoa(have) + " numbers, want " + strconv.Itoa(want)))
	}
}

func dims(rows, cols int) string { return strconv.Itoa(rows) + "x" + strconv.Itoa(cols) }

func ceil(n, to int) int { return (n + to - 1) / to * to }
