package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
)

// encode writes a picture of at most 16 colours and of even width as a PNG, two
// pixels a byte
// (ISO/IEC 15948). The encoder of the standard library asks for every pixel by
// itself, which takes most of the time there is.
func encode(img *image.Paletted) ([]byte, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	head = append(head, 4, 3, 0, 0, 0) // bits a pixel, by palette; the only compression, filters, no interlace
	var colours []byte
	for _, c := range img.Palette {
		r, g, b, _ := c.RGBA()
		colours = append(colours, byte(r>>8), byte(g>>8), byte(b>>8))
	}
	rows, err := squeezed(img)
	if err != nil {
		return nil, err
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		kind string
		body []byte
	}{{"IHDR", head}, {"PLTE", colours}, {"IDAT", rows}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.body)))
		start := len(out)
		out = append(append(out, c.kind...), c.body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	return out, nil
}

// squeezed returns the rows, packed and compressed.
func squeezed(img *image.Paletted) ([]byte, error) {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, zlib.BestSpeed)
	if err != nil {
		return nil, err
	}
	row := make([]byte, 1+img.Rect.Dx()/2) // the first byte names the filter: none
	for y := range img.Rect.Dy() {
		pixels := img.Pix[y*img.Stride:][:img.Rect.Dx()]
		for x := range row[1:] {
			row[1+x] = pixels[2*x]<<4 | pixels[2*x+1]
		}
		if _, err := z.Write(row); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
