package wire

// Score is what racers are judged by: a share of 0..1, of which more is better. Pages show it in percent.
type Score struct {
	Test       string `json:"test"`       // the metric of a result: "test_accuracy"
	Validation string `json:"validation"` // the curve of the race, and the metric of a tuning run: "validation_accuracy"
	Name       string `json:"name"`       // heading of the plot and the column: "Accuracy"
	Noun       string `json:"noun"`       // within a sentence: "accuracy"
	How        string `json:"how"`        // what it is a mean over: "On the test examples"
}

// accuracy is what most labs race for.
var accuracy = Score{"test_accuracy", "validation_accuracy", "Accuracy", "accuracy", "On the test examples"}

// Scored is what the lab's racers are judged by.
func (l Lab) Scored() Score {
	if l.Score != nil {
		return *l.Score
	}
	return accuracy
}
