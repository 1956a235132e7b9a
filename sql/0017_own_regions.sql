-- A region's account stores and reports for its own region: what a region is asked to run is run there. Grants know no rows.

CREATE TRIGGER IF NOT EXISTS configuration_own BEFORE INSERT ON configuration FOR EACH ROW
SET NEW.region = IF(USER() LIKE 'region\_%' AND SUBSTRING_INDEX(USER(), '@', 1) <> CONCAT('region_', NEW.region), NULL, NEW.region);

CREATE TRIGGER IF NOT EXISTS application_own BEFORE INSERT ON application FOR EACH ROW
SET NEW.region = IF(USER() LIKE 'region\_%' AND SUBSTRING_INDEX(USER(), '@', 1) <> CONCAT('region_', NEW.region), NULL, NEW.region);

CREATE TRIGGER IF NOT EXISTS application_of_its_own BEFORE UPDATE ON application FOR EACH ROW
SET NEW.region = IF(USER() LIKE 'region\_%' AND SUBSTRING_INDEX(USER(), '@', 1) <> CONCAT('region_', OLD.region), NULL, NEW.region);
