package search

import (
	"math"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// near: latitude|longitude|distance|units, by great-circle distance.
func (c *compiler) near(sp *Parameter, name string, values []string) (store.Cond, error) {
	if len(values) != 1 {
		return nil, unsupported(name, "give one place")
	}
	parts := strings.Split(values[0], "|")
	if len(parts) < 2 {
		return nil, wrong(name, "write it as latitude|longitude|distance|units")
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	limit := 10.0
	var err3 error
	if len(parts) > 2 && parts[2] != "" {
		limit, err3 = strconv.ParseFloat(parts[2], 64)
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return nil, wrong(name, "latitude, longitude and distance must be numbers")
	}
	if len(parts) > 3 {
		switch parts[3] {
		case "km", "":
		case "m":
			limit /= 1000
		case "[mi_us]", "[mi_i]", "mi":
			limit *= 1.609344
		default:
			return nil, wrong(name, "the unit %q is not known; use km, m or [mi_i]", parts[3])
		}
	}
	c.residual(func(r *fhir.Resource) bool {
		p := r.Get("position")
		y, err1 := strconv.ParseFloat(p.Get("latitude").Text(), 64)
		x, err2 := strconv.ParseFloat(p.Get("longitude").Text(), 64)
		return err1 == nil && err2 == nil && distance(lat, lon, y, x) <= limit
	})
	return nil, nil
}

// distance is in kilometres on a sphere (haversine).
func distance(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * 6371 * math.Asin(math.Min(1, math.Sqrt(a)))
}
