package defect

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
)

// counts is about how many licences an order makes.
func counts() []Defect {
	return family("counts", slices.Concat(wrongNumbers(), largestAndSmallest(), badQuantities(), quantitiesAsText()))
}

func wrongNumbers() []Defect {
	return []Defect{
		{
			Name: "one-licence-short", Requirement: "PO-UC2-02", Mode: Both,
			How:  "A loop starts at 1 and ends below the quantity.",
			Seam: func() partner.Seam { return licences(func(n int) int { return n - 1 }) },
		},
		{
			Name: "one-licence-over", Requirement: "PO-UC2-02", Mode: Both,
			How:  "A loop runs from 0 up to and with the quantity.",
			Seam: func() partner.Seam { return licences(func(n int) int { return n + 1 }) },
		},
		{
			Name: "always-one-licence", Requirement: "PO-UC2-02", Mode: Both,
			How:  "One order item makes one subscription, and nobody looks at the quantity.",
			Seam: func() partner.Seam { return licences(func(int) int { return 1 }) },
		},
		{
			Name: "licences-twice", Requirement: "PO-UC2-02", Mode: Both,
			How:  "The message queue delivers the order at least once, and its consumer takes it twice.",
			Seam: func() partner.Seam { return licences(func(n int) int { return 2 * n }) },
		},
		{
			Name: "licences-never-made", Requirement: "PO-UC2-02", Mode: Both,
			How:  "The order is completed when the fleet exists; licences are to be made by a person later.",
			Seam: func() partner.Seam { return licences(func(int) int { return 0 }) },
		},
		{
			Name: "licence-without-id", Requirement: "PO-UC2-02", Mode: Both,
			How: "The id is a hidden field of the model, left out when it is serialised.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return remove(l, "id") })
			},
		},
	}
}

func largestAndSmallest() []Defect {
	return []Defect{
		{
			Name: "large-order-cut-at-50", Requirement: "PO-UC2-10", Mode: Both,
			How:  "Licences are inserted in one batch of 50, and the rest of the list is forgotten.",
			Seam: func() partner.Seam { return licences(func(n int) int { return min(n, 50) }) },
		},
		{
			Name: "large-order-refused", Requirement: "PO-UC2-10", Mode: Both,
			How: "The validation allows two digits, one less than the limit that the agreement says.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return gjson.GetBytes(order, quantityPath).Int() > 99 },
					func() *reply { return reject("userServiceQuantity must be less than 100") })
			},
		},
		{
			Name: "single-licence-refused", Requirement: "PO-UC2-10", Mode: Both,
			How: "The partner sells from two licences on and did not say so in the agreement.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return gjson.GetBytes(order, quantityPath).Raw == "1" },
					func() *reply { return reject("userServiceQuantity must be at least 2") })
			},
		},
	}
}

func badQuantities() []Defect {
	return []Defect{
		{
			Name: "zero-is-one", Requirement: "PO-UC2-10", Mode: Both,
			How: "quantity || 1 in JavaScript, or ?: 1 in PHP: zero counts as not given.",
			Seam: func() partner.Seam {
				return quantity(func(q gjson.Result) any {
					if q.Num == 0 {
						return 1
					}
					return q.Num
				})
			},
		},
		{
			Name: "negative-is-positive", Requirement: "PO-UC2-10", Mode: Both,
			How:  "The number is read as unsigned, or by a pattern that skips the sign.",
			Seam: func() partner.Seam { return quantity(func(q gjson.Result) any { return math.Abs(q.Num) }) },
		},
		{
			Name: "fraction-rounded", Requirement: "PO-UC2-10", Mode: Both,
			How:  "A cast to an integer: parseInt, (int) or Jackson's default for floats.",
			Seam: func() partner.Seam { return quantity(func(q gjson.Result) any { return math.Trunc(q.Num) }) },
		},
		{
			Name: "bad-quantity-completed", Requirement: "PO-UC2-10", Mode: Both,
			How: "Zero and negative quantities run through the loop without a round, and the order ends completed.",
			Seam: func() partner.Seam {
				return partner.Join(
					licences(func(n int) int { return max(n, 0) }),
					unrefused(quantityPathOfRefusal),
				)
			},
		},
		{
			Name: "bad-quantity-crashes", Requirement: "PO-UC2-10", Mode: Both,
			How: "The database's check constraint refuses the quantity, and nobody catches the exception.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					q := gjson.GetBytes(order, quantityPath)
					return q.Type == gjson.Number && (q.Num <= 0 || q.Num != math.Trunc(q.Num))
				}, crash)
			},
		},
	}
}

func quantitiesAsText() []Defect {
	return []Defect{
		{
			Name: "text-quantity-crashes", Requirement: "PO-UC2-10", Mode: Both,
			How: "A quantity in quotes raises a type error that nobody catches.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return gjson.GetBytes(order, quantityPath).Type == gjson.String }, crash)
			},
		},
		{
			Name: "text-quantity-concatenated", Requirement: "PO-UC2-10", Mode: Both,
			How: "JavaScript adds numbers to a text by writing them behind it: \"2\" + 0 is 20.",
			Seam: func() partner.Seam {
				return onNew(func(order []byte) []byte {
					q := gjson.GetBytes(order, quantityPath)
					if q.Type != gjson.String {
						return order
					}
					n, err := strconv.Atoi(q.String() + "0")
					if err != nil {
						return order
					}
					return set(order, quantityPath, n)
				})
			},
		},
	}
}

// quantityPathOfRefusal is what the reference's refusals of a quantity have in their text.
const quantityPathOfRefusal = "userServiceQuantity"

// licences replaces how many licences an order makes.
func licences(of func(quantity int) int) partner.Seam {
	return rules(func(r *partner.Rules) { r.Licences = of })
}

// quantity replaces the number of licences that an order asks for, where it is a number.
func quantity(value func(sent gjson.Result) any) partner.Seam {
	return onNew(func(order []byte) []byte {
		if q := gjson.GetBytes(order, quantityPath); q.Type == gjson.Number {
			return set(order, quantityPath, value(q))
		}
		return order
	})
}

// unrefused lets pass what the reference refuses for a reason that says so.
func unrefused(words string) partner.Seam {
	return rules(func(r *partner.Rules) {
		refuse := r.Refuse
		r.Refuse = func(reason error) error {
			if reason != nil && strings.Contains(reason.Error(), words) {
				return nil
			}
			return refuse(reason)
		}
	})
}
