Feature: Deleting licences
  UserService UC3: deleted terminates the licence; the others stay.

  @US-UC3-01 @US-UC3-03 @US-UC2-06 @GEN-07 @US-UC6-02 @traffic
  Scenario: Deleting one licence
    Given a customer with a fleet of 3 licences
    And 1 of its licences
    When Orange sets them to deleted

  @US-UC3-02 @US-UC3-03
  Scenario: Deleting several licences
    Given a customer with a fleet of 4 licences
    And the last of its licences
    When Orange sets them to suspended
    And 2 of its licences
    And Orange sets them to deleted

  @US-UC3-01 @US-UC3-03
  Scenario: Deleting a licence that has an end user
    Given a customer with a fleet of 3 licences
    And 1 of its licences
    And an end user on it, where the profile can add one
    When Orange sets them to deleted

  @US-UC3-02
  Scenario: One unknown licence in a deletion
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    When Orange sets them and an unknown licence to deleted, which is refused, or else US-UC3-02
    Then nothing has changed, or else US-UC3-02

  @US-UC3-04
  Scenario: A deleted licence does not come back
    Given a customer with a fleet of 3 licences
    And 1 of its licences
    When Orange sets them to deleted
    Then setting them to active is refused, or else US-UC3-04
    And they are still gone, or else US-UC3-04

  @US-UC3-05
  Scenario: An empty fleet
    Given a customer with a fleet of 2 licences
    And 2 of its licences
    When Orange sets them to deleted
    Then the empty fleet can be read and ordered into
