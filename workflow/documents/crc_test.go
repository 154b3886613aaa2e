package documents

import "hash/crc32"

// crcOf is the checksum of a part of a PNG.
func crcOf(b []byte) uint32 { return crc32.ChecksumIEEE(b) }
